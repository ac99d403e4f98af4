// Handlers may go, and take everything with them, while they run.
#include <xmpp/scoped_handler.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/session_test.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace xmpp::test {
namespace {

constexpr const char* one_message = "<message from='a@b'><body>1</body></message>";

/// What a handler captured: says whether it is there still.
using captured = std::shared_ptr<const std::string>;

captured something() {
    return std::make_shared<const std::string>(100, 'x');
}

task<bool> linger(detail::event* gate, const std::string* needed, std::size_t* seen) {
    co_await gate->wait();
    *seen = needed->size();
    co_return true;
}

class handler_lifetimes : public session_test {
 protected:
    handler_lifetimes() { peer.accept_login("juliet@example.org/balcony"); }

    /// A coroutine handler that waits at the gate, with what it captured.
    handler_id add_lingering() {
        auto kept = something();
        watched = kept;
        return conn->add_handler(match().name("message"),
                                 [this, kept](stanza) { return linger(&gate, kept.get(), &seen); });
    }
    /// It is there until the coroutine has ended, and no longer.
    void expect_kept_until_the_end() {
        run_until_idle();
        EXPECT_FALSE(watched.expired()) << "the coroutine runs still";
        gate.set();
        run_until_idle();
        EXPECT_EQ(seen, 100u);
        EXPECT_TRUE(watched.expired());
    }

    detail::event gate{context.get_executor()};
    std::weak_ptr<const std::string> watched;
    std::size_t seen = 0;
};

TEST_F(handler_lifetimes, a_running_coroutine_keeps_what_it_captured_when_it_is_removed) {
    const auto id = add_lingering();
    peer.send(one_message);
    start();
    conn->remove_handler(id);
    expect_kept_until_the_end();
}

TEST_F(handler_lifetimes, a_running_coroutine_keeps_what_it_captured_after_reset) {
    add_lingering();
    peer.send(one_message).expect_disconnect();
    start();
    conn->reset();
    expect_kept_until_the_end();
}

TEST_F(handler_lifetimes, a_running_coroutine_keeps_what_it_captured_without_its_connection) {
    add_lingering();
    peer.send(one_message);
    start();
    conn.reset();
    expect_kept_until_the_end();
}

task<builder> answer_later(detail::event* gate, const std::string* needed, std::size_t* seen) {
    co_await gate->wait();
    *seen = needed->size();
    co_return builder();
}

TEST_F(handler_lifetimes, a_running_responder_keeps_what_it_captured_without_its_connection) {
    auto kept = something();
    watched = kept;
    conn->on_iq("query", "urn:x", [this, kept = std::move(kept)](stanza) {
        return answer_later(&gate, kept.get(), &seen);
    });
    peer.send("<iq type='get' id='1' from='a@b'><query xmlns='urn:x'/></iq>");
    start();
    conn.reset();
    expect_kept_until_the_end();
}

TEST_F(handler_lifetimes, a_responder_that_was_removed_answers_what_it_works_on_and_nothing_more) {
    const auto id = conn->on_iq("query", "urn:x", [this](stanza) {
        return answer_later(&gate, watched.lock().get(), &seen);
    });
    const auto needed = something();
    watched = needed;
    peer.send("<iq type='get' id='1' from='a@b'><query xmlns='urn:x'/></iq>");
    start();
    conn->remove_handler(id);
    gate.set();
    peer.expect("<iq type='result' id='1' to='a@b'/>")
        .send("<iq type='get' id='2' from='a@b'><query xmlns='urn:x'/></iq>")
        .expect(
            "<iq type='error' id='2' to='a@b'><error type='cancel'>"
            "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    run_until_idle();
}

TEST_F(handler_lifetimes, a_responder_is_not_removed_by_the_id_of_the_one_that_it_replaced) {
    const auto nothing = [](stanza) -> task<builder> { co_return builder(); };
    const auto first = conn->on_iq("query", "urn:x", nothing);
    conn->on_iq("query", "urn:x", nothing);
    conn->remove_handler(first);
    peer.send("<iq type='get' id='1' from='a@b'><query xmlns='urn:x'/></iq>")
        .expect("<iq type='result' id='1' to='a@b'/>");
    start();
}

TEST_F(handler_lifetimes, a_scoped_handler_is_removed_when_it_goes) {
    int calls = 0;
    const auto count = [&calls](const stanza&) { return ++calls > 0; };
    std::optional<scoped_handler> first(std::in_place, *conn,
                                        conn->add_handler(match().name("message"), count));
    scoped_handler second(*conn, conn->add_handler(match().name("message"), count));
    scoped_handler third(*conn, conn->add_handler(match().name("message"), count));
    peer.send(one_message);
    start();
    EXPECT_EQ(calls, 3);
    first.reset();
    second = std::move(third);
    peer.send(one_message);
    run_until_idle();
    EXPECT_EQ(calls, 4) << "what is assigned to lets go of its own";
    (void)second.release();
    second.reset();
    peer.send(one_message);
    run_until_idle();
    EXPECT_EQ(calls, 5) << "what was released stays";
}

TEST_F(handler_lifetimes, a_scoped_handler_follows_its_connection_and_may_outlive_it) {
    int calls = 0;
    std::optional<scoped_handler> counting(
        std::in_place, *conn, conn->add_handler(match().name("message"), [&calls](const stanza&) {
            return ++calls > 0;
        }));
    scoped_handler other(*conn, conn->on_status([](const status&) {}));
    start();
    connection moved(std::move(*conn));
    *conn = std::move(moved);
    counting.reset();
    peer.send(one_message);
    run_until_idle();
    EXPECT_EQ(calls, 0);
    conn.reset();
    other.reset();
}

TEST_F(handler_lifetimes, a_handler_may_remove_itself_while_it_runs) {
    auto kept = something();
    watched = kept;
    auto id = std::make_shared<handler_id>();
    *id = conn->add_handler(match().name("message"),
                            [this, id, kept = std::move(kept)](const stanza&) {
                                conn->remove_handler(*id);
                                seen += kept->size();
                                return true;
                            });
    peer.send(one_message).send(one_message);
    start();
    EXPECT_EQ(seen, 100u) << "once, and with all that it has";
    EXPECT_TRUE(watched.expired());
}

TEST_F(handler_lifetimes, a_handler_may_disconnect) {
    int calls = 0;
    conn->add_handler(match().name("message"), [this, &calls](const stanza&) {
        detail::spawn(context.get_executor(), conn->disconnect(), [](const std::exception_ptr&) {});
        return ++calls > 0;
    });
    peer.send(one_message).expect("<presence type='unavailable'/>").expect_close().close_stream();
    start();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING DISCONNECTED");
}

TEST_F(handler_lifetimes, a_handler_may_reset_its_connection) {
    auto kept = something();
    conn->add_handler(match().name("message"), [this, kept](const stanza&) {
        conn->reset();
        seen += kept->size();
        return true;
    });
    peer.send(std::string(one_message) + one_message).expect_disconnect();
    start();
    EXPECT_EQ(seen, 100u);
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTED");
}

task<bool> destroy(std::optional<connection>* conn) {
    conn->reset();
    co_return true;
}

TEST_F(handler_lifetimes, a_coroutine_handler_may_destroy_its_connection) {
    conn->add_handler(match().name("message"), [this](stanza) { return destroy(&conn); });
    peer.send(std::string(one_message) + one_message);
    start();
    EXPECT_FALSE(conn);
    EXPECT_EQ(path().find("DISCONNECTED"), std::string::npos) << "nobody is told any more";
}

}  // namespace
}  // namespace xmpp::test
