#include "session/outcome.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/error_list.hpp"
#include "login/negotiation_io.hpp"
#include "login/unencrypted_answer.hpp"
#include "session/route.hpp"
#include "stream/stream_management.hpp"
#include "transport/stream_error.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <array>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

// What the client itself refuses while it logs in.
constexpr std::array authentication_failures{
    errc::server_unverified, errc::bad_challenge,     errc::downgrade_detected,
    errc::login_downgraded,  errc::prohibited_string, errc::mechanism_failed,
};

bool is_stream_error(const std::optional<stanza>& element) {
    return element && element->root().name() == "error" && element->root().ns() == ns::streams;
}

bool is_timeout(const std::error_code& code) {
    return code == errc::connect_timeout || code == errc::disconnect_timeout ||
           code == errc::server_silent || code == errc::write_timeout;
}

/// The code's message, and what we have to say beyond it.
std::string text_of(const error& failure) {
    std::string text = failure.code().message();
    if (!failure.explanation().empty()) {
        text += " - ";
        text += failure.explanation();
    }
    if (!failure.text().empty()) {
        text += " (the server says: ";
        text += failure.text();
        text += ')';
    }
    return text;
}

}  // namespace

std::exception_ptr as_error(const std::exception_ptr& failure) {
    if (!failure) return nullptr;
    try {
        std::rethrow_exception(failure);
    } catch (const error&) {
        return failure;
    } catch (const std::system_error& thrown) {
        return std::make_exception_ptr(error(thrown.code()));
    } catch (const std::exception& thrown) {
        return std::make_exception_ptr(error(errc::callback_failed, thrown.what()));
    } catch (...) {
        return std::make_exception_ptr(error(errc::callback_failed));
    }
}

bool is_of_link(const std::exception_ptr& failure) {
    if (!failure) return false;
    try {
        std::rethrow_exception(failure);
    } catch (const refusal&) {
        return false;
    } catch (const std::system_error& thrown) {
        const auto& category = thrown.code().category();
        return category == std::system_category() ||
               category == asio::error::get_system_category() ||
               category == asio::error::get_misc_category() ||
               thrown.code() == errc::connection_lost;
    } catch (...) {
        return false;
    }
}

outcome::outcome(const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(as_error(failure));
    } catch (const shared_failure& shared) {
        take(shared, shared.element());
        of_login_ = shared.of_login();
    } catch (const session_terminated& ended) {
        take(ended, ended.element());
        terminated_ = true;
    } catch (const refusal& refused) {
        take(refused, refused.element());
    } catch (const see_other_uri& ended) {
        take(ended, ended.element());
        of_redirect_ = true;
    } catch (const refused_redirect& refused) {
        take(refused, refused.element());
        of_redirect_ = true;
    } catch (const login_error& thrown) {
        take(thrown);
        of_login_ = true;
    } catch (const error& thrown) {
        take(thrown);
    }
    if (condition_.empty()) condition_ = condition_name(errc::connection_lost);
}

void outcome::take(const error& failure, std::optional<stanza> element) {
    code_ = failure.code();
    condition_ = failure.condition();
    text_ = text_of(failure);
    element_ = std::move(element);
}

status outcome::make(status_code which) const {
    auto step = status(which, condition_, code_, element_, text_);
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
    if (of_login_) return make(status_code::authfail);
    if (is_timeout(code_)) return make(status_code::conntimeout);
    if (terminated_) return make(status_code::connfail);
    const bool refused_binding = authenticated && element_ && !is_stream_error(element_) &&
                                 !of_redirect_ && code_.category() == xmpp_category();
    const bool refused_login = code_.category() == sasl_category() ||
                               code_.category() == stanza_category() ||
                               is_one_of(code_, authentication_failures);
    return make(refused_login || refused_binding ? status_code::authfail : status_code::connfail);
}

status outcome::attach_failure() const {
    return make(status_code::attachfail);
}

std::optional<status> outcome::session_failure() const {
    if (is_timeout(code_) || code_ == errc::giving_up) return make(status_code::conntimeout);
    if (terminated_) return make(status_code::connfail);
    const bool wrong_count =
        code_ == errc::handled_count_too_high || code_ == errc::handled_count_backwards;
    if (code_.category() == stream_category() || is_stream_error(element_) || of_redirect_ ||
        wrong_count) {
        return make(status_code::error);
    }
    if (code_.category() == bosh_category()) return make(status_code::connfail);
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

std::optional<std::string> closing_error(const std::exception_ptr& failure) {
    if (!failure) return std::string();
    try {
        std::rethrow_exception(failure);
    } catch (const unencrypted_answer& doubtful) {
        return closing_error(doubtful.cause());
    } catch (const session_terminated&) {
        return std::nullopt;
    } catch (const refusal&) {
        return std::string();
    } catch (const login_error&) {
        return std::string();
    } catch (const wrong_handled_count& wrong) {
        return stream_error_content(condition_name(stream_condition::undefined_condition),
                                    wrong.to_xml());
    } catch (const error& thrown) {
        const auto& category = thrown.code().category();
        if (category == stream_category()) return stream_error_content(thrown.condition());
        // RFC 6120 4.9.3.12: what comes before the stream is authenticated and bound.
        if (thrown.code() == errc::unexpected_element) {
            return stream_error_content(condition_name(stream_condition::not_authorized));
        }
        const bool protocol = category == sasl_category() || category == xmpp_category();
        const bool link_gone = thrown.code() == errc::connection_lost ||
                               thrown.code() == errc::tls_failure ||
                               thrown.code() == errc::connection_refused ||
                               thrown.code() == errc::host_not_found || is_timeout(thrown.code());
        return protocol && !link_gone ? std::optional<std::string>("") : std::nullopt;
    } catch (...) {
        return std::nullopt;
    }
}

}  // namespace xmpp::detail
