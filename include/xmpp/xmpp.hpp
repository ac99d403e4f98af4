#pragma once

/// \file
/// Everything that a program needs.

#include <xmpp/async_generator.hpp>
#include <xmpp/bosh_session.hpp>
#include <xmpp/broker.hpp>
#include <xmpp/builder.hpp>
#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>
#include <xmpp/connection.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/element.hpp>
#include <xmpp/error.hpp>
#include <xmpp/handler.hpp>
#include <xmpp/health.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/log.hpp>
#include <xmpp/make_id.hpp>
#include <xmpp/match.hpp>
#include <xmpp/message.hpp>
#include <xmpp/message_channel.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/options.hpp>
#include <xmpp/protocol_error.hpp>
#include <xmpp/sasl_mechanism.hpp>
#include <xmpp/scoped_handler.hpp>
#include <xmpp/session_role.hpp>
#include <xmpp/session_store.hpp>
#include <xmpp/sqlite_store.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/status.hpp>
#include <xmpp/stx.hpp>
#include <xmpp/task.hpp>
#include <xmpp/transport_controls.hpp>
#include <xmpp/xhtml_im.hpp>
