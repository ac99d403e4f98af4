#pragma once

#include <string_view>

/// \file
/// Namespaces that the library itself uses; extensions keep theirs beside their code.

namespace xmpp::ns {

// Streams and the content of streams (RFC 6120)
inline constexpr std::string_view client = "jabber:client";
inline constexpr std::string_view server = "jabber:server";
inline constexpr std::string_view component = "jabber:component:accept";  // XEP-0114
inline constexpr std::string_view streams = "http://etherx.jabber.org/streams";
inline constexpr std::string_view stream_errors = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr std::string_view stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr std::string_view tls = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr std::string_view sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr std::string_view bind = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr std::string_view session = "urn:ietf:params:xml:ns:xmpp-session";
inline constexpr std::string_view framing = "urn:ietf:params:xml:ns:xmpp-framing";  // RFC 7395
inline constexpr std::string_view xml = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view xmlns = "http://www.w3.org/2000/xmlns/";

// Authentication and session upgrades
inline constexpr std::string_view sasl2 = "urn:xmpp:sasl:2";   // XEP-0388
inline constexpr std::string_view bind2 = "urn:xmpp:bind:0";   // XEP-0386
inline constexpr std::string_view fast = "urn:xmpp:fast:0";    // XEP-0484
inline constexpr std::string_view iq_auth = "jabber:iq:auth";  // XEP-0078
inline constexpr std::string_view iq_auth_feature = "http://jabber.org/features/iq-auth";
inline constexpr std::string_view channel_binding = "urn:xmpp:sasl-cb:0";            // XEP-0440
inline constexpr std::string_view sm = "urn:xmpp:sm:3";                              // XEP-0198
inline constexpr std::string_view stream_limits = "urn:xmpp:stream-limits:0";        // XEP-0478
inline constexpr std::string_view csi = "urn:xmpp:csi:0";                            // XEP-0352
inline constexpr std::string_view carbons = "urn:xmpp:carbons:2";                    // XEP-0280
inline constexpr std::string_view httpbind = "http://jabber.org/protocol/httpbind";  // XEP-0124
inline constexpr std::string_view xbosh = "urn:xmpp:xbosh";                          // XEP-0206

// Everyday payloads
inline constexpr std::string_view roster = "jabber:iq:roster";                           // RFC 6121
inline constexpr std::string_view disco_info = "http://jabber.org/protocol/disco#info";  // XEP-0030
inline constexpr std::string_view disco_items = "http://jabber.org/protocol/disco#items";
inline constexpr std::string_view version = "jabber:iq:version";                     // XEP-0092
inline constexpr std::string_view ping = "urn:xmpp:ping";                            // XEP-0199
inline constexpr std::string_view delay = "urn:xmpp:delay";                          // XEP-0203
inline constexpr std::string_view forward = "urn:xmpp:forward:0";                    // XEP-0297
inline constexpr std::string_view muc = "http://jabber.org/protocol/muc";            // XEP-0045
inline constexpr std::string_view xhtml_im = "http://jabber.org/protocol/xhtml-im";  // XEP-0071
inline constexpr std::string_view xhtml = "http://www.w3.org/1999/xhtml";
inline constexpr std::string_view profile = "jabber:iq:profile";
inline constexpr std::string_view data_forms = "jabber:x:data";  // XEP-0004

}  // namespace xmpp::ns
