#include "session/failure.hpp"

#include "base/error_list.hpp"
#include "login/negotiation_io.hpp"
#include "stream/management/stream_management.hpp"
#include "transport/failures.hpp"
#include "transport/stream_error.hpp"

#include <asio/error.hpp>

#include <array>

namespace xmpp::detail {
namespace {

/// The code's message, and what we have to say beyond it.
std::string text_of(const error& thrown) {
    std::string text = thrown.code().message();
    if (!thrown.explanation().empty()) text.append(" - ").append(thrown.explanation());
    if (!thrown.text().empty())
        text.append(" (the server says: ").append(thrown.text()).append(")");
    return text;
}

// What is wrong with the bytes or the elements of the other side.
constexpr std::array wrong_answers{
    errc::tls_unavailable, errc::unexpected_data,    errc::unexpected_element,
    errc::bad_format,      errc::host_mismatch,      errc::unsupported_version,
    errc::no_mechanism,    errc::untrusted_redirect,
};

// Their explanations say what to do.
constexpr std::array telling_answers{errc::tls_unavailable, errc::untrusted_redirect};

bool is_about_answer(const std::error_code& code) {
    return code.category() == stream_category() || is_one_of(code, wrong_answers);
}

/// Nobody is there any more to read a stream error.
bool is_link_gone(const std::error_code& code) {
    return code == errc::connection_lost || code == errc::tls_failure ||
           code == errc::connection_refused || code == errc::host_not_found;
}

}  // namespace

failure::failure(const std::exception_ptr& thrown) {
    error_ = thrown;
    if (!thrown) return;
    try {
        std::rethrow_exception(thrown);
    } catch (const shared_failure& shared) {
        take(source::broker, shared);
        element_ = shared.element();
        of_login_ = shared.of_login();
    } catch (const session_terminated& ended) {
        take(source::service, ended);
        element_ = ended.element();
    } catch (const refusal& refused) {
        take(source::server, refused);
        element_ = refused.element();
    } catch (const see_other_uri& elsewhere) {
        take(source::redirect, elsewhere);
        element_ = elsewhere.element();
        detail_ = elsewhere.uri();
    } catch (const refused_redirect& refused) {
        take(source::no_redirect, refused);
        element_ = refused.element();
    } catch (const resumption_failed& broken) {
        take(source::resumption, broken);
    } catch (const wrong_handled_count& wrong) {
        take(source::count, wrong);
        detail_ = wrong.to_xml();
    } catch (const login_error& refused) {
        take(source::login, refused);
        of_login_ = true;
    } catch (const protocol_error& below) {
        take(source::below, below);
        below_ = std::make_shared<protocol_error>(below);
    } catch (const error& ours) {
        take(source::library, ours);
    } catch (const std::system_error& reported) {
        const error ours(reported.code());
        error_ = std::make_exception_ptr(ours);
        take(source::system, ours);
    } catch (const std::exception& strange) {
        const error ours(errc::callback_failed, strange.what());
        error_ = std::make_exception_ptr(ours);
        take(source::program, ours);
    } catch (...) {
        const error ours(errc::callback_failed);
        error_ = std::make_exception_ptr(ours);
        take(source::program, ours);
    }
}

void failure::take(source from, const error& thrown) {
    from_ = from;
    code_ = thrown.code();
    condition_ = thrown.condition();
    explanation_ = thrown.explanation();
    text_ = text_of(thrown);
}

// What we found ourselves keeps its code. The server's words are not told, of an error of the
// stream not the condition either; nor are explanations, which may repeat them, but for some.
failure failure::doubted() const {
    const bool reported = is_reported();
    if (!reported && (from_ == source::system || !is_about_answer(code_))) return *this;
    const std::error_code plain = errc::unencrypted_answer;
    error told(plain, code_.message());
    if (!reported || code_.category() != stream_category()) {
        const bool telling = is_one_of(code_, telling_answers);
        told = error(
            code_, (telling && !explanation_.empty() ? explanation_ + "; " : "") + plain.message());
    }
    failure doubtful;
    doubtful.error_ = std::make_exception_ptr(told);
    doubtful.take(source::unencrypted, told);
    doubtful.cause_ = std::make_shared<failure>(*this);
    return doubtful;
}

bool failure::is_reported() const noexcept {
    return from_ == source::server || from_ == source::service;
}

bool is_timeout(const failure& why) {
    return why.code() == errc::connect_timeout || why.code() == errc::disconnect_timeout ||
           why.code() == errc::server_silent || why.code() == errc::write_timeout;
}

bool is_of_link(const failure& why) {
    if (!why || why.is_reported() || why.from() == failure::source::program) return false;
    const auto& category = why.code().category();
    return category == std::system_category() || category == asio::error::get_system_category() ||
           category == asio::error::get_misc_category() || why.code() == errc::connection_lost;
}

std::optional<std::string> closing_error(const failure& why) {
    using source = failure::source;
    switch (why.from()) {
        case source::none:
        case source::server:
        case source::login:
            return std::string();
        case source::unencrypted:
            return closing_error(why.meaning());
        case source::service:
        case source::system:
        case source::program:
            return std::nullopt;
        case source::count:
            return stream_error_content(condition_name(stream_condition::undefined_condition),
                                        why.wrong_count());
        default:
            break;
    }
    const auto& category = why.code().category();
    if (category == stream_category()) return stream_error_content(why.condition());
    // RFC 6120 4.9.3.12: what comes before the stream is authenticated and bound.
    if (why.code() == errc::unexpected_element) {
        return stream_error_content(condition_name(stream_condition::not_authorized));
    }
    const bool protocol = category == sasl_category() || category == xmpp_category();
    if (protocol && !is_link_gone(why.code()) && !is_timeout(why)) return std::string();
    return std::nullopt;
}

}  // namespace xmpp::detail
