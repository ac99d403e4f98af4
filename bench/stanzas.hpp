#pragma once

#include <string>
#include <string_view>

namespace xmpp::bench {

/// What a server sends before the first of these.
std::string_view stream_header();

/// 243 bytes: a line of chat, with a chat state.
const std::string& chat_message();

/// About 1.1 kB: a message with all that clients and servers hang on it today: receipt and marker
/// requests, origin and stanza ids, a reply, a correction, processing hints.
const std::string& annotated_message();

/// About 16 kB: a pubsub event with one feed entry of several hundred small elements.
const std::string& publication();

}  // namespace xmpp::bench
