#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/message.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "transport/transport.hpp"

#include <exception>
#include <string>

namespace xmpp::detail {

/// A failure of the login in the program's part of it, or in ours, that AUTHFAIL reports whatever
/// its code is.
class login_error : public error {
 public:
    explicit login_error(const error& reported) : error(reported) {}
    /// `failure` as such: an xmpp::error as it is, anything else as `code` with its text.
    static login_error from(const std::exception_ptr& failure, errc code);
};

/// The next element. Throws refusal for a stream error, errc::closed_by_server when the server ends
/// the stream.
task<stanza> read_element(transport& wire);

/// Writes one element. A link that breaks meanwhile shows in the next read_element(), behind what
/// the server sent before: it may have said why it closed.
task<> write_element(transport& wire, builder element);

/// The same for an element with a secret in it, of which no copy is left in memory.
task<> write_secret(transport& wire, builder element);

/// Sends a request of the negotiation of `account` and returns its result; nothing else may come
/// meanwhile. Throws refusal for an error reply, and for one that does not come from the account or
/// its server. `secret`: it is written by write_secret().
task<stanza> ask(transport& wire, jid account, iq request, bool secret = false);

/// What to say about an element that has no place where it came.
error unexpected(const stanza& element, std::string_view expected);

/// Throws when `element` is a stream error.
void throw_if_stream_error(const stanza& element);

}  // namespace xmpp::detail
