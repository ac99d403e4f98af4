#pragma once

#include <xmpp/connection.hpp>

namespace demo {

/// A contact for the demonstration: asks `user` for a subscription, grants every one, and repeats
/// what it is told. Ends with the session; the connection must outlive the task.
xmpp::task<> be_echo(xmpp::connection& conn, xmpp::credentials self, xmpp::jid user);

}  // namespace demo
