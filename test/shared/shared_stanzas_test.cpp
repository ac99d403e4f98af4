#include "base/spawn.hpp"
#include "shared/shared_test.hpp"

namespace xmpp::test {
namespace {

using texts = std::vector<std::string>;

class shared_stanzas : public shared_test {
 protected:
    shared_stanzas() { peer.accept_login("juliet@example.org/balcony"); }
};

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

TEST_F(shared_stanzas, who_does_not_read_is_put_out_and_the_others_are_served) {
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

}  // namespace
}  // namespace xmpp::test
