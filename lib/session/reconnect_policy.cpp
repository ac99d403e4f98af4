#include "session/reconnect_policy.hpp"

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>

#include "base/error_list.hpp"

#include <asio/error.hpp>

#include <algorithm>
#include <array>

namespace xmpp::detail {
namespace {

using source = failure::source;

// A session that was up for so long was healthy: what comes next is a new trouble.
constexpr auto health = std::chrono::seconds(30);
// A clock counts in nanoseconds, which a longer wait would overflow.
constexpr auto longest_wait = std::chrono::hours(24 * 365);

constexpr std::array passing{
    errc::connection_lost, errc::connection_refused, errc::host_not_found,
    errc::connect_timeout, errc::server_silent,      errc::write_timeout,
    errc::tls_failure,     errc::closed_by_server,   errc::http_refused,
};

constexpr std::array passing_stream_errors{
    stream_condition::connection_timeout,       stream_condition::internal_server_error,
    stream_condition::remote_connection_failed, stream_condition::reset,
    stream_condition::resource_constraint,      stream_condition::system_shutdown,
};

constexpr std::array lost_over_http{
    bosh_condition::internal_server_error, bosh_condition::item_not_found,
    bosh_condition::other_request,         bosh_condition::remote_connection_failed,
    bosh_condition::remote_stream_error,   bosh_condition::system_shutdown,
};

constexpr std::array errors_about_form{
    stream_condition::not_well_formed,
    stream_condition::invalid_xml,
    stream_condition::bad_format,
};

constexpr std::array errors_about_content{
    stream_condition::bad_format,
    stream_condition::bad_namespace_prefix,
    stream_condition::improper_addressing,
    stream_condition::invalid_from,
    stream_condition::invalid_namespace,
    stream_condition::invalid_xml,
    stream_condition::not_well_formed,
    stream_condition::policy_violation,
    stream_condition::restricted_xml,
    stream_condition::unsupported_encoding,
    stream_condition::unsupported_stanza_type,
};

bool passes(const std::error_code& code) {
    const auto& category = code.category();
    const bool of_link =
        category == std::system_category() || category == asio::error::get_system_category();
    return of_link || is_one_of(code, passing) || is_one_of(code, passing_stream_errors) ||
           code == sasl_condition::temporary_auth_failure;
}

/// A status of HTTP that is the client's fault stays so, but for the two that are about time.
bool is_refusal(const protocol_error& below) {
    const int status = below.number();
    return below.which() == protocol::http && status >= 400 && status < 500 && status != 408 &&
           status != 429;
}

}  // namespace

bool may_pass(const failure& why) {
    switch (why.from()) {
        case source::none:         // the server has ended its stream, and did not say why
        case source::system:       // of the link
        case source::resumption:   // there is nothing to be resumed any more
        case source::count:        // a new stream counts anew
        case source::unencrypted:  // the server has not spoken yet
            return true;
        case source::service:  // it has decided
        case source::login:
        case source::program:
            return false;
        case source::below:
            return !is_refusal(*why.below()) && passes(why.code());
        default:
            return !why.of_login() && passes(why.code());
    }
}

bool is_lost_over_http(const failure& why) {
    if (!why || why.from() == source::redirect) return false;
    const bool lost = is_one_of(why.code(), lost_over_http);
    if (why.from() != source::service) return lost || why.code() == errc::giving_up;
    const bool without_reason =
        why.code() == bosh_condition::undefined_condition && why.condition() == "unknown";
    return lost || without_reason || passes(why.code());
}

bool is_broken_resumption(const failure& why) {
    return why.is_reported() && is_one_of(why.code(), errors_about_form);
}

bool is_about_what_was_sent(const failure& why) {
    return why.is_reported() && is_one_of(why.code(), errors_about_content);
}

bool is_unreadable(const failure& why) {
    return !why.is_reported() && (why.code() == stream_condition::not_well_formed ||
                                  why.code() == stream_condition::bad_namespace_prefix);
}

bool is_wrong_count(const failure& why) {
    return why.from() == source::count;
}

bool is_of_identity(const failure& why) {
    return why.code().category() == certificate_category() || why.code() == errc::no_service;
}

reconnect_policy::reconnect_policy(const options& settings)
    : base_(std::clamp<milliseconds>(settings.reconnect_base(), milliseconds(1), longest_wait)),
      cap_(std::clamp<milliseconds>(settings.reconnect_cap(), base_, longest_wait)),
      most_(settings.max_retries()) {}

void reconnect_policy::forget_after_health(clock::time_point now) noexcept {
    if (up_since_ && now - *up_since_ >= health) attempts_ = 0;
    up_since_.reset();
}

std::optional<reconnect_policy::milliseconds> reconnect_policy::next(const clock& time) {
    forget_after_health(time.now());
    gave_up_ = attempts_ >= most_;
    if (gave_up_) return std::nullopt;
    ++attempts_;
    auto whole = base_;
    for (int i = 0; i < attempts_ && whole < cap_; ++i) whole = whole > cap_ / 2 ? cap_ : whole * 2;
    const auto half = whole / 2;
    return half + std::chrono::floor<milliseconds>(time.random_wait(whole - half));
}

std::optional<reconnect_policy::milliseconds> reconnect_policy::next_redirect(const clock& time) {
    if (!up_since_) return milliseconds(0);
    forget_after_health(time.now());
    if (attempts_ > 0) return next(time);
    ++attempts_;
    return milliseconds(0);
}

void reconnect_policy::take_back() noexcept {
    attempts_ = std::max(attempts_ - 1, 0);
}

}  // namespace xmpp::detail
