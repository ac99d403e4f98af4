// Whatever a program awaits can be cancelled, outlives its connection, and learns of the end of the
// session; what it awaited it on works as before.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <asio/error.hpp>

#include <ostream>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

/// A coroutine under way, and how it ended.
class operation {
 public:
    void start(const asio::any_io_executor& executor, task<> work) {
        work_.start(executor, std::move(work), [this](const std::exception_ptr& failure) {
            over = true;
            if (!failure) return;
            try {
                std::rethrow_exception(failure);
            } catch (const std::system_error& thrown) {
                code = thrown.code();
            }
        });
    }
    void cancel() { work_.cancel(); }

    bool over = false;
    std::error_code code;

 private:
    detail::job work_;
};

struct held {
    connection* conn;
    async_generator<status>* statuses;
    async_generator<stanza>* stanzas;
};

task<> send(held on) {
    co_await on.conn->send(message("a@b").body("waits for room"));
}
task<> flush(held on) {
    co_await on.conn->flush();
}
task<> send_iq(held on) {
    co_await on.conn->send_iq(ping());
}
task<> send_presence(held on) {
    co_await on.conn->send_presence(presence("room@muc.example/nick"), 1min);
}
task<> next_status(held on) {
    for (;;) {
        const auto step = co_await on.statuses->next();
        if (!step || step->code == status_code::disconnected) co_return;
    }
}
task<> next_stanza(held on) {
    co_await on.stanzas->next();
}

struct pending_case {
    const char* name;
    task<> (*operation)(held on);
    const char* expected;  // of the peer when it begins
    bool held_back;        // the outbox is full, and paused
};

void PrintTo(const pending_case& row, std::ostream* out) {
    *out << row.name;
}

class pending_operation : public session_test, public ::testing::WithParamInterface<pending_case> {
 protected:
    pending_operation() {
        configure(settings().send_queue_bytes(50, 5000));
        peer.accept_login("juliet@example.org/balcony");
        statuses = conn->connect(credentials("juliet@example.org/balcony", "secret"));
        run_until_idle();
        stanzas = conn->stanzas(match().name("message"));
        if (GetParam().held_back) {
            conn->pause();
            for (int i = 0; i < 3; ++i) conn->enqueue(message("a@b").body("held back"));
        }
        if (*GetParam().expected != '\0') peer.expect(GetParam().expected);
        pending.start(context.get_executor(), GetParam().operation({&*conn, &statuses, &stanzas}));
        run_until_idle();
        EXPECT_FALSE(pending.over);
    }

    async_generator<status> statuses;
    async_generator<stanza> stanzas;
    operation pending;
};

task<> ping_once(connection& conn) {
    co_await conn.send_iq(ping());
}

TEST_P(pending_operation, ends_when_it_is_cancelled_and_the_session_goes_on) {
    pending.cancel();
    run_until_idle();
    EXPECT_TRUE(pending.over);
    EXPECT_EQ(pending.code, asio::error::operation_aborted);
    if (GetParam().held_back) {
        for (int i = 0; i < 3; ++i)
            peer.expect("<message to='a@b'><body>held back</body></message>");
        conn->resume();
    }
    peer.expect(ping_request).send("<iq type='result' from='example.org' id='{id}'/>");
    run(ping_once(*conn));
    EXPECT_TRUE(conn->connected());
    // Once more, to be used as if nothing had been.
    operation again;
    peer.send("<message from='a@b'/>");
    again.start(context.get_executor(), next_stanza({&*conn, &statuses, &stanzas}));
    run_until_idle();
    EXPECT_TRUE(again.over);
    EXPECT_FALSE(again.code);
}

TEST_P(pending_operation, ends_when_its_connection_is_destroyed) {
    conn.reset();
    run_until_idle();
    EXPECT_TRUE(pending.over);
    EXPECT_EQ(pending.code, asio::error::operation_aborted);
}

TEST_P(pending_operation, ends_with_its_session) {
    peer.cut();
    run_until_idle();
    EXPECT_TRUE(pending.over);
    EXPECT_FALSE(conn->connected());
    if (GetParam().operation == next_status) {
        EXPECT_FALSE(pending.code) << "DISCONNECTED is a status like any other";
    } else {
        EXPECT_TRUE(pending.code == errc::disconnected || pending.code == errc::connection_lost ||
                    pending.code.category() == asio::error::get_system_category())
            << pending.code.message();
        EXPECT_NE(pending.code, asio::error::operation_aborted);
    }
}

INSTANTIATE_TEST_SUITE_P(of_a_session, pending_operation,
                         ::testing::Values(pending_case{"send", send, "", true},
                                           pending_case{"flush", flush, "", true},
                                           pending_case{"send_iq", send_iq, ping_request, false},
                                           pending_case{"send_presence", send_presence,
                                                        "<presence to='room@muc.example/nick'/>",
                                                        false},
                                           pending_case{"next_status", next_status, "", false},
                                           pending_case{"next_stanza", next_stanza, "", false}),
                         [](const auto& info) { return std::string(info.param.name); });

class pending_step : public session_test {
 protected:
    void begin(task<> work) {
        pending.start(context.get_executor(), std::move(work));
        run_until_idle();
        EXPECT_FALSE(pending.over);
    }
    void cancel() {
        pending.cancel();
        run_until_idle();
        EXPECT_TRUE(pending.over);
        EXPECT_EQ(pending.code, asio::error::operation_aborted);
    }
    /// The same object, from the beginning.
    void expect_to_work_again() {
        peer.next_connection().accept_login("juliet@example.org/balcony");
        steps.clear();
        start();
        EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED");
    }
    operation pending;
};

TEST_F(pending_step, a_login_that_is_cancelled_is_given_up) {
    peer.expect_header().expect_disconnect();
    begin(conn->login(credentials("juliet@example.org", "secret")));
    cancel();
    EXPECT_FALSE(conn->connected());
    expect_to_work_again();
}

TEST_F(pending_step, a_login_ends_when_its_connection_is_destroyed) {
    peer.expect_header().expect_disconnect();
    begin(conn->login(credentials("juliet@example.org", "secret")));
    conn.reset();
    run_until_idle();
    EXPECT_EQ(pending.code, asio::error::operation_aborted);
}

TEST_F(pending_step, a_binding_goes_on_when_waiting_for_it_is_cancelled) {
    configure(settings().explicit_resource_binding(true));
    offer_to_bind(peer).expect(bind_request);
    start();
    begin(conn->bind("balcony"));
    cancel();
    peer.send(
        "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        "<jid>juliet@example.org/balcony</jid></bind></iq>");
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING BINDREQUIRED CONNECTED");
}

TEST_F(pending_step, a_binding_ends_when_its_connection_is_destroyed) {
    configure(settings().explicit_resource_binding(true));
    offer_to_bind(peer).expect(bind_request);
    start();
    begin(conn->bind("balcony"));
    conn.reset();
    run_until_idle();
    EXPECT_EQ(pending.code, asio::error::operation_aborted);
}

TEST_F(pending_step, a_farewell_goes_on_when_waiting_for_it_is_cancelled) {
    peer.accept_login("juliet@example.org/balcony")
        .expect("<presence type='unavailable'/>")
        .expect_close();
    start();
    begin(conn->disconnect());
    cancel();
    EXPECT_TRUE(conn->disconnecting());
    peer.close_stream();
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING DISCONNECTED");
    expect_to_work_again();
}

TEST_F(pending_step, a_farewell_ends_when_its_connection_is_destroyed) {
    peer.accept_login("juliet@example.org/balcony")
        .expect("<presence type='unavailable'/>")
        .expect_close();
    start();
    begin(conn->disconnect());
    conn.reset();
    run_until_idle();
    EXPECT_EQ(pending.code, asio::error::operation_aborted);
}

}  // namespace
}  // namespace xmpp::test
