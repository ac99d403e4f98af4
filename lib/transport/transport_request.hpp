#pragma once

#include <xmpp/bosh_session.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/options.hpp>
#include <xmpp/protocol_error.hpp>
#include <xmpp/session_role.hpp>
#include <xmpp/stanza.hpp>

#include "net/dial/doubtful_addresses.hpp"
#include "net/url/service_url.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// What a transport tells its session besides what read() returns. Each may be empty; none is
/// called after abort().
struct transport_events {
    /// Something failed below XMPP, whether or not anything comes of it.
    std::function<void(const protocol_error&)> protocol_failed;
    /// http_capability::tokens() has changed: called before the request leaves that uses them up.
    std::function<void()> tokens_changed;
    /// An answer over HTTP has come, and this is the request id that is next; or a session over
    /// HTTP has ended, and the next begins with this.
    std::function<void(std::uint64_t)> next_rid;
    /// Of a transport over HTTP: so many bytes of elements, of all that were given to
    /// write(), have arrived at the other end.
    std::function<void(std::uint64_t)> confirmed;
    /// Of a session that is shared: the login for us has come to its SASL exchange; our role has
    /// changed; another program has sent this.
    std::function<void()> authenticating;
    std::function<void(session_role)> role_changed;
    std::function<void(const stanza&)> foreign_stanza_sent;
    /// The same: whoever owns the session has lost its link, and sets up another; it is there, and
    /// the session goes on, or another has taken its place.
    std::function<void(const shared_failure&, int attempt)> link_lost;
    std::function<void(const joined_session&, bool resumed)> link_back;
};

/// What a session wants opened.
struct transport_request {
    service_url service;
    std::string domain;
    options settings;
    transport_events events = {};
    /// The session over HTTP to take part in, instead of beginning one.
    std::optional<bosh_session> existing = {};
    /// The request id to begin a session over HTTP with; nothing: a random one.
    std::optional<std::uint64_t> first_rid = {};
    /// For a transport that logs in by itself; nothing: only a session that is there will do.
    std::optional<credentials> who = {};
    /// Addresses to be tried last; the one that is reached is told to it.
    std::shared_ptr<doubtful_addresses> doubtful = {};
    /// The payloads (name and namespace) of IQ requests that we answer.
    std::vector<std::pair<std::string, std::string>> responders = {};
};

}  // namespace xmpp::detail
