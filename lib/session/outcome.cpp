#include "session/outcome.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/error_list.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace xmpp::detail {
namespace {

using source = failure::source;

// What the client itself refuses while it logs in.
constexpr std::array authentication_failures{
    errc::server_unverified, errc::bad_challenge,     errc::downgrade_detected,
    errc::login_downgraded,  errc::prohibited_string, errc::mechanism_failed,
};

bool is_stream_error(const std::optional<stanza>& element) {
    return element && element->root().name() == "error" && element->root().ns() == ns::streams;
}

}  // namespace

outcome::outcome(failure why)
    : why_(std::move(why)), condition_(why_.condition()), text_(why_.text()) {
    if (why_ && condition_.empty()) condition_ = condition_name(errc::connection_lost);
}

bool outcome::of_redirect() const noexcept {
    return why_.from() == source::redirect || why_.from() == source::no_redirect;
}

status outcome::make(status_code which) const {
    auto step = status(which, condition_, why_.code(), why_.element(), text_);
    step.attempt = attempts_;
    return step;
}

void outcome::gave_up(int attempts) {
    attempts_ = attempts;
    if (attempts == 0) return;  // none was wanted
    text_ += fmt::format("{}gave up after {} attempt{} in a row; see options::max_retries",
                         text_.empty() ? "" : "; ", attempts, attempts == 1 ? "" : "s");
}

status outcome::login_failure(bool authenticated) const {
    const auto& code = why_.code();
    if (why_.of_login()) return make(status_code::authfail);
    if (is_timeout(why_)) return make(status_code::conntimeout);
    if (why_.from() == source::service) return make(status_code::connfail);
    const bool refused_binding = authenticated && why_.element() &&
                                 !is_stream_error(why_.element()) && !of_redirect() &&
                                 code.category() == xmpp_category();
    const bool refused_login = code.category() == sasl_category() ||
                               code.category() == stanza_category() ||
                               is_one_of(code, authentication_failures);
    return make(refused_login || refused_binding ? status_code::authfail : status_code::connfail);
}

status outcome::attach_failure() const {
    return make(status_code::attachfail);
}

std::optional<status> outcome::session_failure() const {
    const auto& code = why_.code();
    if (is_timeout(why_) || code == errc::giving_up) return make(status_code::conntimeout);
    if (why_.from() == source::service) return make(status_code::connfail);
    const bool wrong_count =
        code == errc::handled_count_too_high || code == errc::handled_count_backwards;
    if (code.category() == stream_category() || is_stream_error(why_.element()) || of_redirect() ||
        wrong_count) {
        return make(status_code::error);
    }
    if (code.category() == bosh_category()) return make(status_code::connfail);
    return std::nullopt;
}

status outcome::disconnected() const {
    return make(status_code::disconnected);
}

status outcome::reconnecting(int attempt, const std::string& what_next) const {
    auto step = make(status_code::reconnecting);
    if (!step.text.empty() && !what_next.empty()) step.text += "; ";
    step.text += what_next;
    step.attempt = attempt;
    return step;
}

}  // namespace xmpp::detail
