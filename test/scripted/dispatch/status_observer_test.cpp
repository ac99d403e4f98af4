#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <stdexcept>

namespace xmpp::test {
namespace {

class status_observer : public session_test {
 protected:
    /// Notes what it sees in `seen`.
    handler_id watch(std::vector<status>& seen) {
        return conn->on_status([&seen](const status& step) { seen.push_back(step); });
    }
    void spawn(task<> work) {
        detail::spawn(context.get_executor(), std::move(work), [](const std::exception_ptr&) {});
    }
    void accept_and_close() {
        peer.accept_login("juliet@example.org/balcony").close_stream().expect_close();
    }

    std::vector<status> seen;
};

const std::string whole_session =
    "CONNECTING AUTHENTICATING CONNECTED DISCONNECTED(closed-by-server)";

TEST_F(status_observer, sees_every_status_before_the_one_who_pulls) {
    std::vector<std::size_t> pulled;
    accept_and_close();
    conn->on_status([&](const status& step) {
        pulled.push_back(steps.size());
        seen.push_back(step);
    });
    run_session();
    EXPECT_EQ(test::path(seen), whole_session);
    EXPECT_EQ(path(), whole_session);
    for (std::size_t i = 0; i < pulled.size(); ++i) EXPECT_LE(pulled[i], i);
}

TEST_F(status_observer, sees_them_when_nobody_pulls) {
    accept_and_close();
    watch(seen);
    run(conn->login(credentials("juliet@example.org/balcony", "secret")));
    EXPECT_EQ(test::path(seen).substr(0, 35), whole_session.substr(0, 35))
        << "login() returns after the observers were told";
    run_until_idle();
    EXPECT_EQ(test::path(seen), whole_session);
}

TEST_F(status_observer, is_one_of_many_called_in_their_order) {
    std::string order;
    accept_and_close();
    conn->on_status([&](const status&) { order += 'a'; });
    conn->on_status([&](const status&) { order += 'b'; });
    conn->on_status([&](const status&) { order += 'c'; });
    run_session();
    EXPECT_EQ(order, "abcabcabcabc");
}

TEST_F(status_observer, that_throws_changes_nothing) {
    std::string log;
    accept_and_close();
    conn->on_log([&](log_level level, std::string_view line) {
        if (level == log_level::error) log += line;
    });
    conn->on_status([](const status&) { throw std::runtime_error("oh dear"); });
    conn->on_status([](const status&) { throw 42; });
    watch(seen);
    run_session();
    EXPECT_EQ(test::path(seen), whole_session);
    EXPECT_EQ(path(), whole_session);
    EXPECT_NE(log.find("oh dear"), std::string::npos) << log;
}

// What Strophe's plugins could not do (W-19).
TEST_F(status_observer, may_come_while_a_session_runs) {
    peer.accept_login("juliet@example.org/balcony");
    start();
    watch(seen);
    peer.close_stream().expect_close();
    run_until_idle();
    EXPECT_EQ(test::path(seen), "DISCONNECTED(closed-by-server)");
}

TEST_F(status_observer, stays_for_the_next_session_and_over_reset) {
    watch(seen);
    peer.expect_header().stall();
    start();
    conn->reset();
    run_until_idle();
    steps.clear();
    peer.refuse_connection();
    run_session();
    EXPECT_EQ(test::path(seen),
              "CONNECTING DISCONNECTED CONNECTING CONNFAIL(connection-refused) "
              "DISCONNECTED(connection-refused)");
}

TEST_F(status_observer, is_gone_once_removed) {
    accept_and_close();
    const auto id = watch(seen);
    conn->remove_handler(id);
    run_session();
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(path(), whole_session);
}

TEST_F(status_observer, may_remove_itself_and_others_and_add_more) {
    accept_and_close();
    std::string order;
    std::vector<handler_id> ids;
    ids.push_back(conn->on_status([&](const status& step) {
        order += 'a';
        conn->remove_handler(ids[0]);
        conn->remove_handler(ids[1]);
        EXPECT_EQ(step.code, status_code::connecting);
        conn->on_status([&](const status&) { order += 'n'; });
    }));
    ids.push_back(conn->on_status([&](const status&) { order += 'b'; }));
    ids.push_back(conn->on_status([&](const status&) { order += 'c'; }));
    run_session();
    EXPECT_EQ(order, "accncncn");
}

TEST_F(status_observer, may_send_when_connected) {
    peer.accept_login("juliet@example.org/balcony").expect("<presence/>");
    conn->on_status([&](const status& step) {
        if (step.code == status_code::connected) conn->enqueue(presence());
    });
    start();
    EXPECT_TRUE(conn->connected());
}

TEST_F(status_observer, may_disconnect_at_each_status) {
    for (const auto when :
         {status_code::connecting, status_code::authenticating, status_code::connected}) {
        testing::scripted_peer lenient(context.get_executor());
        prepare(lenient);
        configure(settings().dialer(lenient.dialer()));
        lenient.accept_login("juliet@example.org/balcony");
        if (when == status_code::connected) {
            lenient.expect("<presence type='unavailable'/>").expect_close().close_stream();
        }
        steps.clear();
        conn->on_status([&](const status& step) {
            if (step.code == when) spawn(conn->disconnect());
        });
        start();
        ASSERT_FALSE(steps.empty()) << to_string(when);
        EXPECT_EQ(steps.back().code, status_code::disconnected) << to_string(when) << path();
        EXPECT_FALSE(steps.back().error) << path();
    }
}

TEST_F(status_observer, may_reset_at_each_status) {
    for (const auto when :
         {status_code::connecting, status_code::authenticating, status_code::connected}) {
        testing::scripted_peer lenient(context.get_executor());
        prepare(lenient);
        configure(settings().dialer(lenient.dialer()));
        lenient.accept_login("juliet@example.org/balcony");
        steps.clear();
        conn->on_status([&](const status& step) {
            if (step.code == when) conn->reset();
        });
        start();
        ASSERT_FALSE(steps.empty()) << to_string(when);
        EXPECT_EQ(steps.back().code, status_code::disconnected) << to_string(when) << path();
        EXPECT_FALSE(steps.back().error) << path();
    }
}

TEST_F(status_observer, may_destroy_the_connection_at_each_status) {
    for (const auto when : {status_code::connecting, status_code::authenticating,
                            status_code::connected, status_code::disconnected}) {
        testing::scripted_peer lenient(context.get_executor());
        prepare(lenient);
        configure(settings().dialer(lenient.dialer()));
        lenient.accept_login("juliet@example.org/balcony").close_stream();
        std::string later;
        conn->on_status([&](const status& step) {
            if (step.code != when) return;
            conn.reset();
            throw std::runtime_error("and this reaches nobody");
        });
        conn->on_status([&](const status& step) { later = to_string(step.code); });
        start();
        EXPECT_FALSE(conn) << to_string(when);
        EXPECT_NE(later, to_string(when)) << "nobody is called back from then on";
    }
}

TEST_F(status_observer, may_connect_again_when_disconnected) {
    int sessions = 0;
    conn->on_status([&](const status& step) {
        if (step.code == status_code::disconnected && ++sessions < 3) {
            spawn(pull(conn->connect(credentials("juliet@example.org", "secret")), &seen));
        }
    });
    peer.refuse_connection().refuse_connection().refuse_connection();
    run_session();
    run_until_idle();
    EXPECT_EQ(sessions, 3);
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(connection-refused) DISCONNECTED(connection-refused)");
    EXPECT_EQ(seen.size(), 6u) << test::path(seen);
}

TEST_F(status_observer, sees_a_connection_whose_state_is_that_of_the_end) {
    bool idle = false;
    accept_and_close();
    conn->on_status([&](const status& step) {
        if (step.code == status_code::disconnected) {
            idle = !conn->connected() && !conn->authenticated() && !conn->secure();
        }
    });
    run_session();
    EXPECT_TRUE(idle);
}

}  // namespace
}  // namespace xmpp::test
