#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// What a stream's elements need of the start tag around them: its name and the namespaces that it
/// declares. A parser that has read this goes on in the middle of the stream.
class stream_root {
 public:
    /// The most that is remembered; a header with more is refused.
    static constexpr std::size_t max_bytes = 16'384;

    /// A declaration of the tag that is coming; null means none, for the default namespace and for
    /// no namespace.
    void declare(const char* prefix, const char* uri);
    /// \param name as expat reports it
    void named(const char* name);
    void clear() noexcept { tag_.clear(); }

    bool too_long() const noexcept { return tag_.size() > max_bytes; }
    const std::string& tag() const noexcept { return tag_; }

 private:
    std::string tag_;  // at first the declarations alone
};

}  // namespace xmpp::detail
