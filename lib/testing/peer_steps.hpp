#pragma once

#include <xmpp/clock.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/task.hpp>
#include <xmpp/testing/certificates.hpp>

#include "testing/peer_script.hpp"
#include "testing/xml_pattern.hpp"

#include <functional>
#include <memory>
#include <string>

struct ssl_ctx_st;

/// \file
/// What a scripted peer can do, as coroutines over its script. They throw script_problem when the
/// client does something else.

namespace xmpp::detail::peer_steps {

task<> expect(peer_script& script, std::shared_ptr<const xml_pattern> pattern);
/// `wanted` as of parse_attributes_of_header().
task<> expect_header(peer_script& script, stanza wanted);
task<> expect_close(peer_script& script);
task<> expect_disconnect(peer_script& script);
task<> expect_nothing(peer_script& script, clock::duration period);

/// `changes` to the usual attributes; an empty value removes one.
task<> send_header(peer_script& script, stanza changes);
/// With {id} replaced.
task<> send(peer_script& script, std::string xml);
task<> send_raw(peer_script& script, std::string bytes);
task<> send_features(peer_script& script, std::string children);

using tls_configuration = std::function<void(ssl_ctx_st*)>;
task<> handshake(peer_script& script, testing::certificate identity, tls_configuration configure);
task<> start_tls(peer_script& script, testing::certificate identity, tls_configuration configure);
task<> expect_tls_failure(peer_script& script, testing::certificate identity);

task<> close_stream(peer_script& script);
task<> end(peer_script& script);
task<> cut(peer_script& script);

/// \name Sequences
/// @{
task<> accept_tls(peer_script& script, testing::certificate identity);
task<> accept_login(peer_script& script, jid who, std::string more_features);
task<> accept_component(peer_script& script, jid domain);
/// @}

}  // namespace xmpp::detail::peer_steps
