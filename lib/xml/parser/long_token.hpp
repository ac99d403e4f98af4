#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace xmpp::detail {

/// Holds back a tag that is long and still incomplete, until its end has come.
///
/// Without this, a tag that arrives in small pieces would be scanned from its start for every
/// piece. Nothing that could be reported is delayed: an incomplete tag is no event.
class long_token {
 public:
    /// Tags shorter than this are left to the parser; scanning them anew costs nothing.
    static constexpr std::size_t threshold = 1024;

    bool active() const noexcept { return active_; }

    /// \param token what has come of the tag, from its `<`
    void begin(std::string_view token) noexcept {
        active_ = true;
        quote_ = '\0';
        scan(token);
    }

    /// Holds `bytes` back as well. \returns true when they contain the end of the tag.
    bool hold(std::string_view bytes) {
        held_.append(bytes);
        return scan(bytes);
    }

    std::string release() noexcept {
        active_ = false;
        return std::exchange(held_, {});
    }

 private:
    /// Does a `>` outside quotes stand in `bytes`?
    bool scan(std::string_view bytes) noexcept {
        for (const char c : bytes) {
            if (quote_ != '\0') {
                if (c == quote_) quote_ = '\0';
            } else if (c == '>') {
                return true;
            } else if (c == '\'' || c == '"') {
                quote_ = c;
            }
        }
        return false;
    }

    bool active_ = false;
    char quote_ = '\0';
    std::string held_;
};

}  // namespace xmpp::detail
