#include "login/unencrypted_answer.hpp"

#include "base/error_list.hpp"
#include "transport/failures.hpp"

#include <array>
#include <string>

namespace xmpp::detail {
namespace {

// What is wrong with the bytes or the elements of the other side.
constexpr std::array of_answers{
    errc::tls_unavailable, errc::unexpected_data,    errc::unexpected_element,
    errc::bad_format,      errc::host_mismatch,      errc::unsupported_version,
    errc::no_mechanism,    errc::untrusted_redirect,
};

// Their explanations say what to do.
constexpr std::array telling{errc::tls_unavailable, errc::untrusted_redirect};

bool is_about_answer(const std::error_code& code) {
    return code.category() == stream_category() || is_one_of(code, of_answers);
}

/// What we found ourselves keeps its code. Explanations may repeat what came, but for some.
error doubt(const error& thrown) {
    const std::error_code plain = errc::unencrypted_answer;
    std::string known = is_one_of(thrown.code(), telling) ? std::string(thrown.explanation()) : "";
    if (!known.empty()) known += "; ";
    return error(thrown.code(), known + plain.message());
}

}  // namespace

std::exception_ptr doubted(const std::exception_ptr& failure) {
    if (!failure) return failure;
    try {
        std::rethrow_exception(failure);
    } catch (const refusal& told) {
        const bool of_stream = told.code().category() == stream_category();
        const error forged(errc::unencrypted_answer, told.code().message());
        return std::make_exception_ptr(
            unencrypted_answer(of_stream ? forged : doubt(told), failure));
    } catch (const error& thrown) {
        if (!is_about_answer(thrown.code())) return failure;
        return std::make_exception_ptr(unencrypted_answer(doubt(thrown), failure));
    } catch (...) {
        return failure;
    }
}

bool is_doubted(const std::exception_ptr& failure) {
    if (!failure) return false;
    try {
        std::rethrow_exception(failure);
    } catch (const unencrypted_answer&) {
        return true;
    } catch (...) {
        return false;
    }
}

bool is_of_identity(const std::exception_ptr& failure) {
    if (!failure) return false;
    try {
        std::rethrow_exception(failure);
    } catch (const error& thrown) {
        return thrown.code().category() == certificate_category() ||
               thrown.code() == errc::no_service;
    } catch (...) {
        return false;
    }
}

}  // namespace xmpp::detail
