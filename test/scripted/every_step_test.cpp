// Whatever step the session is at, cancelling, destroying and losing its context leave nothing
// behind.
#include "base/spawn.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace xmpp::test {
namespace {

/// The connection, for a program that looks whether it is still there.
connection& use(std::optional<connection>& conn) {
    if (!conn) throw error(errc::disconnected);
    return *conn;
}

task<> talk(std::optional<connection>& conn) {
    co_await use(conn).send(message("a@b").body("hi"));
    co_await use(conn).flush();
    co_await use(conn).send_iq(iq::get("example.org").c("ping", ns::ping));
    co_await use(conn).disconnect();
}

/// A whole session: login, a message, a request, a farewell; at another host again what a redirect
/// cut short. One that ends early is pulled to its last status all the same.
task<> visit(std::optional<connection>& conn, std::vector<status>* steps) {
    auto statuses = use(conn).connect(credentials("juliet@example.org/balcony", "secret"));
    while (auto step = co_await statuses.next()) {
        steps->push_back(*step);
        if (step->code != status_code::connected) continue;
        try {
            co_await talk(conn);
        } catch (const error&) {
            continue;
        }
    }
}

constexpr const char* see_other_host =
    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>other.example.org"
    "</see-other-host></stream:error>";

/// Redirects the client in place of features, and again when it is up.
void script(testing::scripted_peer& peer) {
    peer.expect_header()
        .send_header()
        .send(see_other_host)
        .expect_close()
        .next_connection()
        .accept_login("juliet@example.org/balcony")
        .expect("<message to='a@b'><body>hi</body></message>")
        .expect("<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>")
        .send(see_other_host)
        .expect_close()
        .next_connection()
        .accept_login("juliet@example.org/balcony")
        .expect("<message to='a@b'><body>hi</body></message>")
        .expect("<iq type='get' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>")
        .send("<iq type='result' from='example.org' id='{id}'/>")
        .expect("<presence type='unavailable'/>")
        .expect_close()
        .close_stream();
}

/// A world that runs for a number of handlers of the context, and no further.
class world {
 public:
    world() {
        peer.time_source(time);
        script(peer);
        auto settings = options()
                            .dialer(peer.dialer())
                            .time_source(time)
                            .tls(tls_mode::disabled)
                            .allow_plaintext_auth(true);
        conn.emplace(context->get_executor(), "xmpp://example.org", std::move(settings));
        visitor.start(context->get_executor(), visit(conn, &steps),
                      [this](const std::exception_ptr&) { over = true; });
    }

    /// False when it was over before.
    bool advance(int handlers) {
        for (int i = 0; i < handlers && !over; ++i) {
            if (context->poll_one() == 0) break;
        }
        return !over;
    }

    void settle() { testing::run_for(*context, *time, std::chrono::minutes(5)); }

    std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>();
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    testing::scripted_peer peer{context->get_executor()};
    std::optional<connection> conn;
    std::vector<status> steps;
    detail::job visitor;
    bool over = false;
};

std::ptrdiff_t ends(const std::vector<status>& steps) {
    return std::count_if(steps.begin(), steps.end(),
                         [](const status& each) { return each.code == status_code::disconnected; });
}

TEST(every_step, the_visit_takes_many_steps_and_ends_well) {
    world whole;
    whole.settle();
    EXPECT_TRUE(whole.over);
    EXPECT_EQ(path(whole.steps),
              "CONNECTING REDIRECT(see-other-host) AUTHENTICATING CONNECTED "
              "REDIRECT(see-other-host) AUTHENTICATING CONNECTED DISCONNECTING DISCONNECTED");
    EXPECT_EQ(whole.peer.problems(), "");
}

TEST(every_step, destroying_the_connection_ends_everything_without_a_word) {
    for (int step = 0;; ++step) {
        world at;
        if (!at.advance(step)) break;
        const auto before = at.steps.size();
        at.conn.reset();
        at.settle();
        EXPECT_TRUE(at.over) << "at step " << step;
        EXPECT_EQ(at.steps.size(), before) << "at step " << step;
        EXPECT_EQ(at.time->pending(), 0u) << "at step " << step;
        ASSERT_LT(step, 10'000);
    }
}

TEST(every_step, cancelling_the_program_leaves_a_connection_that_works) {
    for (int step = 0;; ++step) {
        world at;
        if (!at.advance(step)) break;
        at.visitor.cancel();
        at.settle();
        EXPECT_TRUE(at.over) << "at step " << step;
        // The session goes on without its program, or has ended by its time limits.
        detail::spawn(at.context->get_executor(), at.conn->disconnect(),
                      [](const std::exception_ptr&) {});
        at.settle();
        EXPECT_FALSE(at.conn->connected()) << "at step " << step;
        std::vector<status> again;
        detail::spawn(at.context->get_executor(),
                      pull(at.conn->connect(credentials("juliet@example.org", "secret")), &again),
                      [](const std::exception_ptr&) {});
        at.settle();
        detail::spawn(at.context->get_executor(), at.conn->disconnect(),
                      [](const std::exception_ptr&) {});
        at.settle();
        EXPECT_EQ(ends(again), 1) << "at step " << step << ": " << path(again);
        EXPECT_EQ(at.time->pending(), 0u) << "at step " << step;
        ASSERT_LT(step, 10'000);
    }
}

TEST(every_step, reset_ends_in_exactly_one_terminal_status) {
    for (int step = 0;; ++step) {
        world at;
        if (!at.advance(step)) break;
        at.conn->reset();
        at.settle();
        EXPECT_TRUE(at.over) << "at step " << step;
        EXPECT_EQ(ends(at.steps), at.steps.empty() ? 0 : 1) << "at step " << step;
        ASSERT_LT(step, 10'000);
    }
}

TEST(every_step, disconnect_ends_in_exactly_one_terminal_status) {
    for (int step = 0;; ++step) {
        world at;
        if (!at.advance(step)) break;
        detail::spawn(at.context->get_executor(), at.conn->disconnect("enough"),
                      [](const std::exception_ptr&) {});
        at.settle();
        EXPECT_TRUE(at.over) << "at step " << step;
        EXPECT_EQ(ends(at.steps), 1) << "at step " << step << ": " << path(at.steps);
        ASSERT_LT(step, 10'000);
    }
}

task<> own_a_connection(asio::any_io_executor executor, options settings) {
    std::optional<connection> conn;
    conn.emplace(executor, "xmpp://example.org", std::move(settings));
    std::vector<status> steps;
    co_await visit(conn, &steps);
}

TEST(every_step, destroying_the_context_leaks_nothing) {
    for (int step = 0; step < 500; ++step) {
        auto time = std::make_shared<testing::virtual_clock>();
        asio::io_context context;
        testing::scripted_peer peer(context.get_executor());
        script(peer);
        auto settings = options()
                            .dialer(peer.dialer())
                            .time_source(time)
                            .tls(tls_mode::disabled)
                            .allow_plaintext_auth(true);
        detail::spawn(context.get_executor(),
                      own_a_connection(context.get_executor(), std::move(settings)),
                      [](const std::exception_ptr&) {});
        for (int i = 0; i < step; ++i) context.poll_one();
    }
}

}  // namespace
}  // namespace xmpp::test
