#include "base/spawn.hpp"
#include "shared/shared_test.hpp"

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

class shared_stanzas : public shared_test {
 protected:
    shared_stanzas() { peer.accept_login("juliet@example.org/balcony"); }
};

TEST_F(shared_stanzas, that_come_with_the_result_of_the_login_are_delivered) {
    peer.send("<message from='romeo@example.net'><body>one</body></message>")
        .send(
            "<iq type='get' id='q' from='romeo@example.net/x'><x xmlns='urn:unknown'/></iq>"
            "<message from='romeo@example.net'><body>two</body></message>")
        .expect("<iq type='error' id='q' to='romeo@example.net/x'>*</iq>");
    add().connect();
    add().attach();
    EXPECT_EQ(programs[0]->path(), "CONNECTING AUTHENTICATING CONNECTED");
    EXPECT_EQ(programs[0]->received, (texts{"one", "two"}));
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_stanzas, messages_and_presence_reach_every_program) {
    share();
    peer.send("<message from='romeo@example.net'><body>one</body></message>");
    run_until_idle();
    EXPECT_EQ(programs[0]->received, texts{"one"});
    EXPECT_EQ(programs[1]->received, texts{"one"});
}

TEST_F(shared_stanzas, what_one_sends_the_others_are_shown_but_no_requests) {
    share();
    peer.expect("<message to='romeo@example.net'><body>hi &lt;&amp;</body></message>")
        .expect("<presence/>")
        .expect("<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
    programs[0]->conn->enqueue(message("romeo@example.net").body("hi <&"));
    programs[0]->conn->enqueue(presence());
    programs[0]->conn->enqueue(iq::get("example.org").id("1").c("ping", "urn:xmpp:ping"));
    run_until_idle();
    EXPECT_EQ(programs[1]->foreign, (texts{"message:hi <&", "presence:"}));
    EXPECT_EQ(programs[0]->foreign, texts{});
    EXPECT_EQ(programs[1]->received, texts{}) << "they are no stanzas of the server";
}

TEST_F(shared_stanzas, elements_that_are_no_stanzas_stay_with_the_broker) {
    share();
    programs[0]->conn->enqueue(builder("active", "urn:xmpp:csi:0"));
    programs[0]->conn->enqueue(message("romeo@example.net").body("after"));
    peer.expect("<message to='romeo@example.net'><body>after</body></message>");
    run_until_idle();
    EXPECT_TRUE(programs[0]->conn->connected());
}

TEST_F(shared_stanzas, keep_the_language_of_the_stream) {
    share();
    std::string language;
    programs[1]->conn->add_handler(match().name("message"), [&](const stanza& received) {
        language = received->lang();
        return true;
    });
    peer.send("<message from='romeo@example.net' xml:lang='it'><body>ciao</body></message>");
    run_until_idle();
    EXPECT_EQ(language, "it");
}

TEST_F(shared_stanzas, that_come_while_nobody_is_there_wait_for_the_next) {
    add().connect();
    programs[0]->conn.reset();
    run_until_idle();
    peer.send(
            "<message from='romeo@example.net'><body>one</body></message>"
            "<message from='romeo@example.net'><body>two</body></message>"
            "<iq type='get' id='q' from='romeo@example.net/x'><ping xmlns='urn:xmpp:ping'/></iq>")
        .expect("<iq type='error' id='q' to='romeo@example.net/x'>*</iq>");
    run_until_idle();
    auto& next = add();
    next.connect();
    EXPECT_EQ(next.path(), "CONNECTING ATTACHED");
    EXPECT_EQ(next.received, (texts{"one", "two"}));
}

task<builder> no_answer() {
    co_return builder("query", "urn:x");
}

task<> ask(connection& conn, std::string* outcome) {
    try {
        auto request = iq::get("example.org").c("query", "urn:x");
        co_await conn.send_iq(std::move(request));
        *outcome = "done";
    } catch (const error& failure) {
        *outcome = failure.condition();
    }
}

TEST_F(shared_stanzas, who_does_not_read_misses_some_and_the_others_are_served) {
    serve(settings().client_queue_bytes(64 * 1024));
    add().connect();
    raw_program deaf(context, socket, false);
    deaf.attach();
    const std::string text(50'000, 'x');
    for (int i = 0; i < 40; ++i) {
        peer.send("<message from='romeo@example.net'><body>" + text + "</body></message>");
        run_until_idle();
    }
    EXPECT_EQ(programs[0]->received.size(), 40u);
    auto& after = add();
    after.connect();
    EXPECT_EQ(after.path(), "CONNECTING ATTACHED");
    EXPECT_TRUE(programs[0]->conn->connected());
    deaf.begin_to_read();
    const auto got = deaf.count<detail::shared::incoming>();
    EXPECT_GT(got, 0u);
    EXPECT_LT(got, 40u) << "what waits for it is bounded";
    peer.send("<message from='romeo@example.net'><body>small</body></message>");
    run_until_idle();
    EXPECT_FALSE(deaf.over());
    EXPECT_NE(deaf.last<detail::shared::incoming>()->xml.find("small"), std::string::npos);
}

TEST_F(shared_stanzas, what_is_larger_than_a_program_reads_is_left_out_or_answered) {
    add().connect();
    programs.push_back(
        std::make_unique<program>(context, service(), client_options().max_stanza_bytes(1'000)));
    programs[1]->connect();
    programs[1]->conn->on_iq("query", "urn:x", [](const stanza&) { return no_answer(); });
    std::string outcome;
    detail::spawn(context.get_executor(), ask(*programs[1]->conn, &outcome), ignore);
    peer.expect("<iq type='get' to='example.org'><query xmlns='urn:x'/></iq>");
    run_until_idle();
    const std::string text(200'000, 'x');
    peer.send("<message from='romeo@example.net'><body>" + text + "</body></message>")
        .send("<iq type='get' id='q' from='romeo@example.net/x'><query xmlns='urn:x'>" + text +
              "</query></iq>")
        .expect("<iq type='error' id='q' to='romeo@example.net/x'>*</iq>")
        .send("<iq type='result' id='" + std::string(peer.last().id()) +
              "' from='example.org'><query xmlns='urn:x'>" + text + "</query></iq>")
        .send("<message from='romeo@example.net'><body>small</body></message>");
    run_until_idle();
    EXPECT_TRUE(programs[1]->conn->connected()) << programs[1]->path();
    EXPECT_EQ(programs[1]->received, texts{"small"});
    EXPECT_EQ(programs[0]->received, (texts{text, "small"}));
    EXPECT_EQ(outcome, "resource-constraint");
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

task<> send_many(connection& conn, int count, int* sent) {
    const std::string text(10'000, 'x');
    for (; *sent < count; ++*sent) {
        co_await conn.send(message("romeo@example.net").type("chat").body(text));
    }
}

TEST_F(shared_stanzas, who_floods_is_slowed_down_and_the_others_are_served) {
    serve(settings().connection(base().send_queue_bytes(100'000, 1'000'000)));
    share();
    peer.stall();
    run_until_idle();
    int sent = 0;
    detail::spawn(context.get_executor(), send_many(*programs[0]->conn, 10'000, &sent),
                  [](const std::exception_ptr&) {});
    run_until_idle();
    EXPECT_LT(sent, 2'000) << "it waits, and what waits is bounded";
    EXPECT_TRUE(programs[0]->conn->connected());
    EXPECT_TRUE(programs[1]->conn->connected());
    EXPECT_EQ(add().conn->role(), std::nullopt);
    programs[2]->connect();
    EXPECT_EQ(programs[2]->path(), "CONNECTING ATTACHED");
}

/// The server announces what it puts up with (XEP-0478).
class shared_limits : public shared_test {
 protected:
    testing::scripted_peer& announce(const std::string& content) {
        return peer.accept_login(
            "juliet@example.org/balcony",
            "<limits xmlns='urn:xmpp:stream-limits:0'>" + content + "</limits>");
    }
    const std::string long_text = std::string(500, 'x');
};

TEST_F(shared_limits, programs_refuse_what_is_too_large_by_themselves) {
    announce("<max-bytes>500</max-bytes>").expect(message("romeo@example.net").body("x").to_xml());
    share();
    try {
        programs[1]->conn->enqueue(message("romeo@example.net").body(long_text));
        ADD_FAILURE() << "it was accepted";
    } catch (const error& thrown) {
        EXPECT_EQ(thrown.code(), errc::stanza_too_large);
    }
    programs[1]->conn->enqueue(message("romeo@example.net").body("x"));
    run_until_idle();
}

TEST_F(shared_limits, a_program_that_sends_too_much_is_told_and_stays) {
    announce("<max-bytes>500</max-bytes>").expect(message("romeo@example.net").body("x").to_xml());
    add().connect();
    raw_program careless(context, socket);
    careless.attach();
    const auto answer_to = [&](const builder& sent) {
        careless.send(detail::shared::outgoing{sent.to_xml()});
        run_until_idle();
        const auto* told = careless.last<detail::shared::incoming>();
        return told ? told->xml : std::string();
    };
    const std::string reason =
        "<error type='modify'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>the stanza is larger than the server "
        "allows</text></error>";
    EXPECT_EQ(answer_to(message("romeo@example.net").id("1").body(long_text)),
              "<message type='error' id='1' from='romeo@example.net'>" + reason + "</message>");
    auto request = iq::set("example.org").id("2").c("x", "urn:x").t(long_text);
    EXPECT_EQ(answer_to(request), "<iq type='error' id='2' from='example.org'>" + reason + "</iq>");

    careless.send(detail::shared::outgoing{message("romeo@example.net").body("x").to_xml()});
    run_until_idle();
    EXPECT_FALSE(careless.over());
    EXPECT_EQ(careless.count<detail::shared::incoming>(), 2u);
}

TEST_F(shared_limits, only_the_broker_speaks_to_a_server_that_waits) {
    announce("<idle-seconds>5</idle-seconds>");
    for (int i = 0; i < 3; ++i) {
        peer.expect_nothing(3s)
            .expect("<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>")
            .send("<iq type='result' from='example.org' id='{id}'/>");
    }
    share();
    pass(12s);
    EXPECT_TRUE(programs[0]->conn->connected());
}

}  // namespace
}  // namespace xmpp::test
