#include "base/event.hpp"
#include "base/spawn.hpp"
#include "shared/shared_test.hpp"

#include <functional>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class shared_iqs : public shared_test {
 protected:
    shared_iqs() { peer.accept_login("juliet@example.org/balcony"); }

    /// Asks for `ping` and keeps what it gets.
    void ask(program& who, std::string* into) {
        detail::spawn(context.get_executor(), ask_and_keep(*who.conn, into),
                      [](const std::exception_ptr&) {});
        run_until_idle();
    }

 private:
    static task<> ask_and_keep(connection& conn, std::string* into) {
        auto request = iq::get("example.org");
        request.id("same").c("ping", "urn:xmpp:ping");
        const auto reply = co_await conn.send_iq(std::move(request));
        const auto* answer = reply->child("answer", any_ns);
        *into = std::string(reply.id()) + ":" + std::string(answer ? answer->text() : "");
    }
};

constexpr const char* version_request =
    "<iq type='get' id='v' from='romeo@example.net/x'><query xmlns='jabber:iq:version'/></iq>";

task<builder> tell_version(std::string name) {
    co_return builder("query", "jabber:iq:version").child("name", name);
}

/// A responder that says who has answered.
std::function<task<builder>(stanza)> answering(std::string name, int* asked = nullptr) {
    return [name, asked](const stanza&) {
        if (asked) ++*asked;
        return tell_version(name);
    };
}

std::string answer_of(const std::string& name) {
    return "<iq type='result' id='v' to='romeo@example.net/x'><query xmlns='jabber:iq:version'>"
           "<name>" +
           name + "</name></query></iq>";
}

task<builder> never(asio::any_io_executor executor) {
    detail::event nothing(executor);
    co_await nothing.wait();
    co_return builder();
}

TEST_F(shared_iqs, each_program_gets_the_reply_to_its_own_request_under_its_own_id) {
    share();
    std::string first;
    std::string second;
    peer.expect("<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
    ask(*programs[0], &first);
    const auto id = std::string(peer.last().id());
    peer.expect("<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>")
        .send("<iq type='result' id='{id}' from='example.org'><answer xmlns='x'>2</answer></iq>")
        .send("<iq type='result' id='" + id +
              "' from='example.org'><answer xmlns='x'>1</answer></iq>");
    ask(*programs[1], &second);
    run_until_idle();
    EXPECT_EQ(first, "same:1");
    EXPECT_EQ(second, "same:2");
}

TEST_F(shared_iqs, a_request_that_nobody_has_a_responder_for_is_refused_once) {
    share();
    peer.send(version_request)
        .expect("<iq type='error' id='v' to='romeo@example.net/x'>*</iq>")
        .expect_nothing(10s);
    pass(11s);
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_iqs, the_primary_answers_where_several_could) {
    share();
    int asked = 0;
    programs[0]->conn->on_iq("query", "jabber:iq:version", answering("first"));
    programs[1]->conn->on_iq("query", "jabber:iq:version", answering("second", &asked));
    run_until_idle();
    peer.send(version_request).expect(answer_of("first")).expect_nothing(10s);
    pass(11s);
    EXPECT_EQ(asked, 0);
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_iqs, the_one_with_a_responder_answers_whoever_is_primary) {
    add().connect();
    auto& second = add();
    second.conn->on_iq("query", "jabber:iq:version", answering("second"));
    second.connect();
    peer.send(version_request).expect(answer_of("second")).expect_nothing(10s);
    pass(11s);
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_iqs, a_request_goes_to_the_next_when_its_responder_dies_before_the_answer) {
    share();
    programs[0]->conn->on_iq("query", "jabber:iq:version",
                             [this](const stanza&) { return never(context.get_executor()); });
    programs[1]->conn->on_iq("query", "jabber:iq:version", answering("second"));
    run_until_idle();
    peer.send(version_request);
    run_until_idle();
    peer.expect(answer_of("second"));
    programs[0]->conn.reset();
    run_until_idle();
    EXPECT_TRUE(peer.finished()) << peer.problems();
    EXPECT_EQ(programs[1]->conn->role(), session_role::primary);
}

TEST_F(shared_iqs, a_request_whose_last_responder_dies_is_refused_by_the_broker) {
    add().connect();
    programs[0]->conn->on_iq("query", "jabber:iq:version",
                             [this](const stanza&) { return never(context.get_executor()); });
    run_until_idle();
    peer.send(version_request);
    run_until_idle();
    peer.expect("<iq type='error' id='v' to='romeo@example.net/x'>*</iq>");
    programs[0]->conn.reset();
    run_until_idle();
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

TEST_F(shared_iqs, an_answer_that_comes_after_another_was_asked_is_left_out) {
    add().connect();
    raw_program slow(context, socket);
    slow.send(detail::shared::hello());
    detail::shared::responder version;
    version.name = "query";
    version.ns = "jabber:iq:version";
    slow.send(version);
    slow.send(detail::shared::attach());
    programs[0]->conn->on_iq("last", "jabber:iq:last", answering("unused"));
    peer.send(version_request);
    run_until_idle();
    ASSERT_EQ(slow.count<detail::shared::incoming>(), 1u);

    // It says nothing for too long, and somebody else refuses in its stead.
    peer.expect("<iq type='error' id='v' to='romeo@example.net/x'>*</iq>").expect_nothing(10s);
    pass(105s);
    detail::shared::outgoing late;
    late.xml = "<iq type='result' id='v' to='romeo@example.net/x'/>";
    slow.send(late);
    pass(11s);
    EXPECT_TRUE(peer.finished()) << peer.problems();
}

}  // namespace
}  // namespace xmpp::test
