#include "testing/peer_steps.hpp"

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "net/tls/tls_context.hpp"
#include "transport/tcp/opening_tag.hpp"
#include "xml/writer/escape.hpp"

#include <fmt/format.h>

#include <map>
#include <system_error>
#include <utility>

namespace xmpp::detail::peer_steps {
namespace {

std::string escaped(std::string_view value) {
    std::string out;
    append_attribute_value(out, value);
    return out;
}

std::string with_id(std::string xml, const std::optional<stanza>& last) {
    constexpr std::string_view hole = "{id}";
    const auto id = last ? escaped(last->id()) : std::string();
    for (auto at = xml.find(hole); at != std::string::npos; at = xml.find(hole, at + id.size())) {
        xml.replace(at, hole.size(), id);
    }
    return xml;
}

std::shared_ptr<const tls_context> server_context(const testing::certificate& identity,
                                                  tls_configuration configure) {
    tls_settings settings(tls_role::server);
    settings.certificate_pem(identity.chain_pem(), identity.key_pem());
    if (configure) settings.configure(std::make_shared<const tls_hook>(std::move(configure)));
    return shared_tls_context(settings);
}

}  // namespace

task<> expect(peer_script& script, std::shared_ptr<const xml_pattern> pattern) {
    const auto received = co_await script.receive(pattern->text());
    const auto difference = pattern->mismatch(received.root());
    if (difference.empty()) co_return;
    throw script_problem(fmt::format("{}\n  expected: {}\n  got:      {}", difference,
                                     pattern->text(), received->to_xml()));
}

task<> expect_header(peer_script& script, stanza wanted) {
    const auto link = co_await script.link();
    if (script.stream_open) {
        if (!link->idle()) throw script_problem("the client sent more before it restarted");
        link->restart();
    }
    auto event = co_await link->read();
    if (!event) throw script_problem("the client ended the connection in place of its header");
    if (event->kind() != stream_event_kind::stream_opened) {
        throw script_problem("the client closed its stream in place of a header");
    }
    script.stream_open = true;
    script.header = stanza(std::move(*event).content());
    const auto& header = script.header->root();
    if (header.name() != "stream" || header.ns() != ns::streams) {
        throw script_problem(fmt::format("this is no stream header: {}", header.to_xml()));
    }
    const auto difference = attribute_mismatch(wanted.root(), header);
    if (!difference.empty()) {
        throw script_problem(fmt::format("{}\n  got:      {}", difference, header.to_xml()));
    }
}

task<> expect_close(peer_script& script) {
    const auto link = co_await script.link();
    auto event = co_await link->read();
    if (!event) throw script_problem("the client ended the connection without closing its stream");
    if (event->kind() == stream_event_kind::stream_closed) co_return;
    const stanza received(std::move(*event).content());
    throw script_problem(
        fmt::format("the client did not close its stream\n  got:      {}", received->to_xml()));
}

task<> expect_disconnect(peer_script& script) {
    const auto link = co_await script.link();
    std::optional<stream_event> event;
    try {
        event = co_await link->read();
    } catch (const std::system_error& thrown) {
        // A connection that was cut; what the parser finds wrong is no end of it.
        if (thrown.code().category() == stream_category()) throw;
    }
    if (!event) co_return;
    if (event->kind() == stream_event_kind::stream_closed) {
        throw script_problem("the client closed its stream before it disconnected");
    }
    const stanza received(std::move(*event).content());
    throw script_problem(
        fmt::format("the client did not disconnect\n  got:      {}", received->to_xml()));
}

task<> expect_nothing(peer_script& script, clock::duration period) {
    const auto link = co_await script.link();
    const auto time = script.time;
    const bool came = co_await xml_link::anything_within(link, period, time);
    if (!came) co_return;
    auto event = co_await link->read();
    if (!event) throw script_problem("the client ended the connection");
    if (event->kind() == stream_event_kind::stream_closed) {
        throw script_problem("the client closed its stream");
    }
    const stanza received(std::move(*event).content());
    throw script_problem(
        fmt::format("the client sent something\n  got:      {}", received->to_xml()));
}

task<> send_header(peer_script& script, stanza changes) {
    std::map<std::string, std::string, std::less<>> attributes;
    if (!script.of_component) {
        attributes["version"] = "1.0";
        attributes["xml:lang"] = "en";
    }
    attributes["id"] = fmt::format("stream-{}", ++script.streams_opened);
    if (script.header) attributes["from"] = script.header->root().attr("to");
    for (const auto& change : changes->attributes()) {
        const bool of_xml = change.ns == ns::xml;
        attributes[fmt::format("{}{}", of_xml ? "xml:" : "", change.name)] = change.value;
    }
    builder stream("stream");
    for (const auto& [name, value] : attributes) {
        if (!value.empty()) stream.attr(name, value);
    }
    auto tag = opening_tag(stream, script.of_component ? ns::component : ns::client);
    co_await send_raw(script, std::move(tag));
}

task<> send(peer_script& script, std::string xml) {
    auto bytes = with_id(std::move(xml), script.last);
    co_await send_raw(script, std::move(bytes));
}

task<> send_raw(peer_script& script, std::string bytes) {
    const auto link = co_await script.link();
    co_await link->write(std::move(bytes));
}

task<> send_features(peer_script& script, std::string children) {
    auto xml = fmt::format("<stream:features>{}</stream:features>", children);
    co_await send_raw(script, std::move(xml));
}

task<> handshake(peer_script& script, testing::certificate identity, tls_configuration configure) {
    const auto link = co_await script.link();
    if (!link->idle()) throw script_problem("the client sent data before TLS began");
    const auto context = server_context(identity, std::move(configure));
    co_await link->secure(context);
    script.stream_open = false;
}

task<> start_tls(peer_script& script, testing::certificate identity, tls_configuration configure) {
    co_await send_raw(script, fmt::format("<proceed xmlns='{}'/>", ns::tls));
    co_await handshake(script, std::move(identity), std::move(configure));
}

task<> expect_tls_failure(peer_script& script, testing::certificate identity) {
    bool failed = false;
    try {
        co_await handshake(script, std::move(identity), nullptr);
    } catch (const std::system_error&) {
        failed = true;
    }
    if (!failed) throw script_problem("the client accepted the certificate");
}

task<> close_stream(peer_script& script) {
    co_await send_raw(script, "</stream:stream>");
    co_await end(script);
}

task<> end(peer_script& script) {
    const auto link = co_await script.link();
    co_await link->close();
}

task<> cut(peer_script& script) {
    const auto link = co_await script.link();
    link->abort();
}

}  // namespace xmpp::detail::peer_steps
