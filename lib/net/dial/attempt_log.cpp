#include "net/dial/attempt_log.hpp"

#include <xmpp/error.hpp>

#include "net/dial/ip_text.hpp"

#include <fmt/format.h>

namespace xmpp::detail {
namespace {

std::string describe(const endpoint& place, const std::string& address) {
    return fmt::format("{}'{}' port {} at {}", place.direct_tls() ? "TLS with " : "", place.host(),
                       place.port(), to_text(address, place.port()));
}

}  // namespace

void attempt_log::add(std::string_view line) {
    if (!text_.empty()) text_ += "; ";
    text_ += line;
}

bool attempt_log::is_news(reached how_far) {
    ++failures_;
    const bool nearer = how_far > reached_;
    if (nearer) reached_ = how_far;
    return nearer;
}

void attempt_log::host_failed(const endpoint& place, std::string_view why) {
    add(fmt::format("looking up '{}': {}", place.host(), why));
    is_news(reached::nothing);
}

void attempt_log::address_failed(const endpoint& place, const std::string& address,
                                 const std::error_code& why) {
    add(fmt::format("{}: {}", describe(place, address), why.message()));
    is_news(reached::address);
}

void attempt_log::server_failed(const endpoint& place, const std::string& address,
                                const std::exception_ptr& why) {
    try {
        std::rethrow_exception(why);
    } catch (const error& failure) {
        add(fmt::format("{}: {}", describe(place, address), failure.what()));
        const bool certificate = failure.code().category() == certificate_category();
        if (is_news(certificate ? reached::certificate : reached::server)) most_telling_ = why;
    }
}

void attempt_log::note(std::string_view text) {
    add(text);
}

void attempt_log::fail() const {
    const bool nothing_else = failures_ == 1 && before_.empty();
    if (most_telling_ && nothing_else) std::rethrow_exception(most_telling_);
    const auto all =
        before_.empty() || text_.empty() ? before_ + text_ : fmt::format("{}; {}", before_, text_);
    if (all.empty()) throw error(errc::host_not_found, "there is no endpoint to try");
    if (most_telling_) {
        try {
            std::rethrow_exception(most_telling_);
        } catch (const error& failure) {
            throw error(failure.code(),
                        fmt::format("{} - all that was tried: {}", failure.explanation(), all));
        }
    }
    throw error(reached_ == reached::nothing ? errc::host_not_found : errc::connection_refused,
                all);
}

}  // namespace xmpp::detail
