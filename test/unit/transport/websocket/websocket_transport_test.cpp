#include "transport/websocket/websocket_transport.hpp"

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "base/spawn.hpp"
#include "support/co_test.hpp"
#include "transport/stream_error.hpp"
#include "unit/net/websocket/websocket_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

using detail::outgoing_batch;
using detail::stream_header;
using detail::websocket_transport;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* open_element =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='example.org' id='s1' version='1.0' "
    "xml:lang='de'/>";
constexpr const char* close_element = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

/// A transport and the server's end of its WebSocket.
class linked {
 public:
    explicit linked(asio::any_io_executor executor, std::size_t max_read = 1U << 20U)
        : ends_(make_websocket_pair(executor, 1U << 20U, max_read)),
          server_(std::move(ends_.server)),
          wire(std::move(ends_.client), {}, true, {{"tls-exporter", "data"}}, seen) {}

    /// Sends messages, as one write.
    task<> say(std::string message) {
        server_->add_text(message);
        co_await server_->flush();
    }
    task<> say_in_frames(std::string first, std::string second) {
        server_->add_text(first);
        server_->add_text(second);
        co_await server_->flush();
    }
    task<> close_with(std::uint16_t code) {
        server_->add_close(code);
        co_await server_->flush();
    }
    task<std::string> hear() {
        auto message = co_await next_message(*server_, heard_);
        co_return message;
    }
    task<> end() { co_await server_->end(); }
    const std::optional<detail::websocket_close>& closed() const { return server_->closed(); }

    /// The stream is open, and what was said for that is heard.
    task<> open() {
        co_await say(open_element);
        stream_header header;
        header.to = "example.org";
        header.language = "en";
        co_await wire.open_stream(std::move(header));
        co_await hear();
    }

 private:
    websocket_pair ends_;
    std::unique_ptr<detail::websocket_stream> server_;
    collector heard_;

 public:
    recorder seen;
    websocket_transport wire;
};

std::string xml_of(const std::optional<stanza>& element) {
    return element ? (*element)->to_xml() : "nothing";
}

task<> open_with(linked& link, std::string answer) {
    co_await link.say(std::move(answer));
    stream_header header;
    header.to = "example.org";
    header.language = "en";
    co_await link.wire.open_stream(std::move(header));
}

task<> read_one(linked& link, std::string& xml) {
    const auto element = co_await link.wire.read();
    xml = xml_of(element);
}

task<std::exception_ptr> failure_after(linked& link, std::string message) {
    co_await link.open();
    co_await link.say(std::move(message));
    std::string ignored;
    auto failure = co_await failure_of(read_one(link, ignored));
    co_return failure;
}

CO_TEST(websocket_transport, opens_the_stream_as_RFC_7395_wants_it) {
    linked link(context.get_executor());
    co_await link.say(open_element);
    stream_header header;
    header.to = "example.org";
    header.from = "juliet@example.org";
    header.language = "en";
    const auto theirs = co_await link.wire.open_stream(std::move(header));
    EXPECT_EQ(theirs->attr("from"), "example.org");
    EXPECT_EQ(theirs->attr("id"), "s1");
    EXPECT_EQ(theirs->attr("version"), "1.0");
    const auto ours = co_await link.hear();
    EXPECT_EQ(ours,
              "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' "
              "from='juliet@example.org' version='1.0' xml:lang='en'/>");
}

CO_TEST(websocket_transport, gives_elements_the_language_of_the_servers_open) {
    linked link(context.get_executor());
    co_await link.open();
    co_await link.say("<message xmlns='jabber:client'/>");
    const auto message = co_await link.wire.read();
    EXPECT_EQ(message->root().lang(), "de");
}

CO_TEST(websocket_transport, opens_the_stream_anew_and_refuses_what_came_before_that) {
    linked link(context.get_executor());
    co_await link.open();
    co_await link.open();
    co_await link.say_in_frames("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
                                "<message xmlns='jabber:client'/>");
    std::string xml;
    co_await read_one(link, xml);
    const auto failure = co_await failure_of(open_with(link, open_element));
    EXPECT_EQ(code_of(failure), errc::unexpected_data);
}

CO_TEST(websocket_transport, reads_features_that_declare_the_prefix_or_not) {
    linked link(context.get_executor());
    co_await link.open();
    co_await link.say("<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>");
    const auto declared = co_await link.wire.read();
    EXPECT_EQ((*declared)->ns(), ns::streams);
    co_await link.say("<stream:features/>");
    const auto inherited = co_await link.wire.read();
    EXPECT_EQ((*inherited)->ns(), ns::streams);
}

CO_TEST(websocket_transport, refuses_an_answer_that_is_no_open) {
    for (const auto* answer : {"<open xmlns='urn:example:other' version='1.0'/>",
                               "<open version='1.0'/>", "<stream:features/>", "<message/>"}) {
        linked link(context.get_executor());
        const auto failure = co_await failure_of(open_with(link, answer));
        EXPECT_EQ(code_of(failure), errc::bad_format) << answer;
    }
}

CO_TEST(websocket_transport, reports_a_stream_error_in_place_of_open) {
    linked link(context.get_executor());
    const auto failure = co_await failure_of(
        open_with(link,
                  "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><host-unknown "
                  "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"));
    EXPECT_EQ(code_of(failure), stream_condition::host_unknown);
}

CO_TEST(websocket_transport, reports_a_close_in_place_of_open) {
    linked link(context.get_executor());
    const auto failure = co_await failure_of(open_with(link, close_element));
    EXPECT_EQ(code_of(failure), errc::closed_by_server);
}

std::string place_in(const std::exception_ptr& failure) {
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (const detail::see_other_uri& elsewhere) {
        return elsewhere.uri();
    } catch (...) {
    }
    return {};
}

CO_TEST(websocket_transport, reports_where_the_server_refers_us_to) {
    const std::string redirect =
        "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' "
        "see-other-uri='wss://other.example/ws?a=1&amp;b=2'/>";
    linked early(context.get_executor());
    const auto at_open = co_await failure_of(open_with(early, redirect));
    EXPECT_EQ(place_in(at_open), "wss://other.example/ws?a=1&b=2");
    EXPECT_EQ(code_of(at_open), errc::closed_by_server);
    linked late(context.get_executor());
    const auto later = co_await failure_after(late, redirect);
    EXPECT_EQ(place_in(later), "wss://other.example/ws?a=1&b=2");
}

CO_TEST(websocket_transport, says_where_to_but_follows_nothing_itself) {
    linked link(context.get_executor());
    const auto failure =
        co_await failure_of(open_with(link,
                                      "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' "
                                      "see-other-uri='ws://plain.example/'/>"));
    EXPECT_EQ(place_in(failure), "ws://plain.example/");
}

CO_TEST(websocket_transport, gives_each_stanza_the_namespace_that_a_stream_would_declare) {
    linked link(context.get_executor());
    co_await link.open();
    outgoing_batch batch;
    batch.add("<message to='a'><body xmlns='x'>&gt;</body></message>");
    batch.add("<presence/>");
    batch.add("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AA==</auth>");
    batch.add("<iq id='xmlns='/>");
    link.seen.sent.clear();
    co_await link.wire.write(batch);
    std::vector<std::string> heard;
    for (int i = 0; i < 4; ++i) {
        auto message = co_await link.hear();
        heard.push_back(std::move(message));
    }
    EXPECT_THAT(
        heard,
        ElementsAre("<message xmlns='jabber:client' to='a'><body xmlns='x'>&gt;</body></message>",
                    "<presence xmlns='jabber:client'/>",
                    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AA==</auth>",
                    "<iq xmlns='jabber:client' id='xmlns='/>"));
    EXPECT_EQ(link.seen.sent, heard);
    EXPECT_EQ(link.seen.elements_sent.size(), 4U);
    EXPECT_EQ(link.seen.elements_sent[1], "<presence/>");
}

CO_TEST(websocket_transport, shows_observers_the_messages_and_the_elements_in_them) {
    linked link(context.get_executor(), 1);
    co_await link.open();
    link.seen.received.clear();
    link.seen.elements_received.clear();
    co_await link.say("<?xml version='1.0'?> <presence xmlns='jabber:client'/>");
    co_await link.wire.read();
    EXPECT_THAT(link.seen.received,
                ElementsAre("<?xml version='1.0'?> <presence xmlns='jabber:client'/>"));
    EXPECT_THAT(link.seen.elements_received, ElementsAre("<presence xmlns='jabber:client'/>"));
}

CO_TEST(websocket_transport, reads_two_stanzas_in_one_message) {
    linked link(context.get_executor());
    co_await link.open();
    co_await link.say("<presence xmlns='jabber:client'/><message xmlns='jabber:client'/>");
    const auto first = co_await link.wire.read();
    const auto second = co_await link.wire.read();
    EXPECT_EQ(xml_of(first), "<presence xmlns='jabber:client'/>");
    EXPECT_EQ(xml_of(second), "<message xmlns='jabber:client'/>");
}

CO_TEST(websocket_transport, refuses_the_framing_of_TCP) {
    linked link(context.get_executor());
    const auto failure = co_await failure_of(
        open_with(link,
                  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
                  "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"));
    EXPECT_EQ(code_of(failure), stream_condition::invalid_xml);
}

CO_TEST(websocket_transport, reports_malformed_messages_as_TCP_does) {
    linked link(context.get_executor());
    const auto failure = co_await failure_after(link, "<message><body></message>");
    EXPECT_EQ(code_of(failure), stream_condition::not_well_formed);
    co_await link.wire.close_stream(detail::stream_error_content("not-well-formed"));
    const auto said = co_await link.hear();
    EXPECT_EQ(said,
              "<stream:error xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
              "<not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
    const auto closing = co_await link.hear();
    EXPECT_EQ(closing, close_element);
    const auto end = co_await link.hear();
    EXPECT_EQ(end, "");
    EXPECT_EQ(link.closed()->code, 1000);
}

CO_TEST(websocket_transport, closes_with_the_code_of_a_broken_frame) {
    const auto executor = context.get_executor();
    linked link(executor);
    co_await link.open();
    detail::spawn(executor, link.say(std::string((1U << 20U) + 1, 'x')), [](std::exception_ptr) {});
    std::string ignored;
    const auto failure = co_await failure_of(read_one(link, ignored));
    EXPECT_EQ(code_of(failure), stream_condition::policy_violation);
    EXPECT_EQ(number_of(failure), 1009);
    co_await link.wire.close_stream(detail::stream_error_content("policy-violation"));
    auto said = co_await link.hear();
    EXPECT_THAT(said, HasSubstr("policy-violation"));
    said = co_await link.hear();
    said = co_await link.hear();
    EXPECT_EQ(link.closed()->code, 1009);
}

CO_TEST(websocket_transport, takes_close_in_any_spelling_and_answers_it) {
    for (const auto* spelling :
         {close_element, "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />",
          "<f:close xmlns:f='urn:ietf:params:xml:ns:xmpp-framing'></f:close>"}) {
        linked link(context.get_executor());
        co_await link.open();
        co_await link.say(spelling);
        const auto end = co_await link.wire.read();
        EXPECT_FALSE(end) << spelling;
        co_await link.wire.close_stream("");
        const auto answer = co_await link.hear();
        EXPECT_EQ(answer, close_element);
        const auto after = co_await link.hear();
        EXPECT_EQ(after, "");
        EXPECT_EQ(link.closed()->code, 1000);
    }
}

CO_TEST(websocket_transport, closes_the_websocket_once_the_server_has_closed) {
    const auto executor = context.get_executor();
    linked link(executor);
    co_await link.open();
    std::string last = "unset";
    detail::spawn(executor, read_one(link, last),
                  [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
    co_await link.say("");  // lets the reader begin
    co_await link.wire.close_stream("");
    const auto closing = co_await link.hear();
    EXPECT_EQ(closing, close_element);
    EXPECT_FALSE(link.closed());
    EXPECT_EQ(last, "unset");
    co_await link.say(close_element);
    const auto end = co_await link.hear();
    EXPECT_EQ(end, "");
    EXPECT_EQ(link.closed()->code, 1000);
    co_await link.end();  // with the answer to the close frame
    co_await link.wire.close_stream("");
    co_await a_few_turns(executor);
    EXPECT_EQ(last, "nothing");
}

CO_TEST(websocket_transport, takes_the_end_of_the_websocket_for_the_answer_to_close) {
    const auto executor = context.get_executor();
    linked link(executor);
    co_await link.open();
    co_await link.wire.close_stream("");
    co_await link.close_with(1001);
    const auto end = co_await link.wire.read();
    EXPECT_FALSE(end);
    const auto again = co_await link.wire.read();
    EXPECT_FALSE(again);
}

CO_TEST(websocket_transport, reports_the_code_when_the_websocket_is_closed_early) {
    for (const auto code : {1000, 1001, 1008, 4001}) {
        linked link(context.get_executor());
        co_await link.open();
        co_await link.close_with(static_cast<std::uint16_t>(code));
        std::string ignored;
        const auto failure = co_await failure_of(read_one(link, ignored));
        EXPECT_EQ(code_of(failure), errc::closed_by_server);
        EXPECT_EQ(number_of(failure), code);
        co_await link.wire.close_stream("");
        const auto end = co_await link.hear();
        EXPECT_EQ(end, "") << "nothing may follow a close frame";
        EXPECT_EQ(link.closed()->code, code);
    }
}

CO_TEST(websocket_transport, hands_out_what_came_before_the_end) {
    linked link(context.get_executor());
    co_await link.open();
    co_await link.say("<presence xmlns='jabber:client'/>");
    co_await link.close_with(1000);
    const auto before = co_await link.wire.read();
    EXPECT_EQ(xml_of(before), "<presence xmlns='jabber:client'/>");
    std::string ignored;
    const auto failure = co_await failure_of(read_one(link, ignored));
    EXPECT_EQ(number_of(failure), 1000);
}

CO_TEST(websocket_transport, has_no_STARTTLS) {
    linked link(context.get_executor());
    const auto failure = co_await failure_of(link.wire.start_tls());
    EXPECT_EQ(code_of(failure), errc::not_supported);
    EXPECT_TRUE(link.wire.secure());
    EXPECT_EQ(link.wire.channel_bindings().at(0).type, "tls-exporter");
}

CO_TEST(websocket_transport, sends_a_ping_for_white_space_that_keeps_the_link_alive) {
    const auto executor = context.get_executor();
    auto ends = testing::memory_stream_pair(executor);
    recorder seen;
    websocket_transport wire(
        std::make_unique<detail::websocket_stream>(executor, std::move(ends.first),
                                                   detail::websocket_role::client, 1000),
        {}, true, {}, seen);
    outgoing_batch white_space;
    white_space.bytes = " ";
    co_await wire.write(white_space);
    const auto sent = co_await ends.second->read();
    const auto frames = parse_frames(sent);
    EXPECT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames.front().first_byte, ping_frame);
    EXPECT_TRUE(seen.sent.empty());
}

CO_TEST(websocket_transport, ends_what_waits_when_it_is_aborted) {
    const auto executor = context.get_executor();
    linked link(executor);
    co_await link.open();
    std::string last;
    std::exception_ptr failure;
    detail::spawn(executor, read_one(link, last),
                  [&](std::exception_ptr thrown) { failure = thrown; });
    co_await link.say("");
    link.wire.abort();
    link.wire.abort();
    co_await a_few_turns(executor);
    EXPECT_TRUE(failure);
    outgoing_batch batch;
    batch.add("<presence/>");
    const auto writing = co_await failure_of(link.wire.write(batch));
    EXPECT_TRUE(writing);
}

}  // namespace
}  // namespace xmpp::test
