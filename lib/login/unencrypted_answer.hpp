#pragma once

#include <xmpp/error.hpp>

#include <exception>
#include <utility>

namespace xmpp::detail {

/// An answer that came before TLS where TLS must come. Anybody on the way may have sent it, so it
/// is a failure of the link and no word of the server (RFC 6120 13): it tells neither the text nor
/// the element that was sent, and of an error of the stream not the condition either.
class unencrypted_answer : public error {
 public:
    unencrypted_answer(const error& why, std::exception_ptr cause)
        : error(why), cause_(std::move(cause)) {}
    /// What it would mean from the server.
    const std::exception_ptr& cause() const noexcept { return cause_; }

 private:
    std::exception_ptr cause_;
};

/// `failure` as an unencrypted_answer, where it is about what came over the link; otherwise
/// unchanged.
std::exception_ptr doubted(const std::exception_ptr& failure);

/// Is it an unencrypted_answer?
bool is_doubted(const std::exception_ptr& failure);

/// Is it a failure to find, or to authenticate, the server itself: its certificate, or what DNS
/// says of it? Neither is the server's word.
bool is_of_identity(const std::exception_ptr& failure);

}  // namespace xmpp::detail
