// Whatever step the session is at, cancelling, destroying and losing its context leave nothing
// behind.
#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

using peer_step = void (*)(testing::scripted_peer&);

const peer_step one_session[] = {
    [](auto& peer) { peer.expect_header(); },
    [](auto& peer) { peer.send_header(); },
    [](auto& peer) { peer.features(plain_features); },
    [](auto& peer) { peer.expect(plain_auth); },
    [](auto& peer) { peer.send(success); },
    [](auto& peer) { peer.expect_header(); },
    [](auto& peer) { peer.send_header(); },
    [](auto& peer) { peer.features(bind_feature); },
    [](auto& peer) { peer.expect(bind_request); },
    [](auto& peer) {
        peer.send(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            "<jid>juliet@example.org/balcony</jid></bind></iq>");
    },
    [](auto& peer) { peer.expect("<message to='a@b'><body>hi</body></message>"); },
    [](auto& peer) { peer.expect(ping_request); },
    [](auto& peer) { peer.send("<iq type='result' from='example.org' id='{id}'/>"); },
    [](auto& peer) { peer.expect("<presence type='unavailable'/>"); },
    [](auto& peer) { peer.expect_close(); },
    [](auto& peer) { peer.close_stream(); },
};

constexpr std::size_t steps_to_the_request = 12;  // in which the server takes it

constexpr const char* see_other_host =
    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>other.example.org"
    "</see-other-host></stream:error>";

const peer_step redirect[] = {
    [](auto& peer) { peer.send(see_other_host); },
    [](auto& peer) { peer.expect_close(); },
    [](auto& peer) { peer.next_connection(); },
};

/// What a session is like.
enum class program {
    plain,
    with_everything,  // that a program can bring to it
    redirected,       // in place of features, and again when it is up
};

std::vector<peer_step> script_steps(program kind) {
    std::vector<peer_step> steps;
    const auto add = [&steps](auto from, std::size_t count) {
        steps.insert(steps.end(), from, from + static_cast<std::ptrdiff_t>(count));
    };
    if (kind == program::redirected) {
        add(one_session, 2);
        add(redirect, std::size(redirect));
        add(one_session, steps_to_the_request);
        add(redirect, std::size(redirect));
    }
    add(one_session, std::size(one_session));
    return steps;
}

/// A step that takes more than one turn.
task<> some_turns() {
    const auto executor = co_await asio::this_coro::executor;
    auto later = std::make_shared<detail::event>(executor);
    detail::post(executor, [later] { later->set(); });
    co_await later->wait();
}

task<credentials> provide_late(credentials who) {
    co_await some_turns();
    co_return who;
}

class late_plain final : public sasl_mechanism {
 public:
    task<std::optional<std::string>> initial_response() override {
        co_await some_turns();
        co_return std::string("\0juliet\0secret", 14);
    }
    task<> succeed(std::optional<std::string>) override { co_await some_turns(); }
};

options settings_of(program kind, const testing::scripted_peer& peer,
                    std::shared_ptr<testing::virtual_clock> time) {
    auto settings = options()
                        .reconnect(false)
                        .dialer(peer.dialer())
                        .time_source(std::move(time))
                        .tls(tls_mode::disabled)
                        .allow_plaintext_auth(true);
    if (kind != program::with_everything) return settings;
    return settings
        .register_mechanism("PLAIN",
                            [](const sasl_context&) { return std::make_unique<late_plain>(); })
        .credentials_provider(
            [](const stanza&, credentials who) { return provide_late(std::move(who)); });
}

/// A world that runs for a number of handlers of the context, and no further.
class world {
 public:
    explicit world(program kind) : world(kind, script_steps(kind).size()) {}
    /// The server does no more than so many steps.
    world(program kind, std::size_t peer_steps) {
        peer.time_source(time);
        const auto all = script_steps(kind);
        for (std::size_t i = 0; i < peer_steps; ++i) all[i](peer);
        conn.emplace(context->get_executor(), "xmpp://example.org", settings_of(kind, peer, time));
        if (kind == program::with_everything) {
            conn->on_status([this](const status& step) { observed.push_back(step); });
        }
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
    std::vector<status> observed;
    detail::job visitor;
    bool over = false;
};

std::ptrdiff_t ends(const std::vector<status>& steps) {
    return std::count_if(steps.begin(), steps.end(),
                         [](const status& each) { return each.code == status_code::disconnected; });
}

std::string name_of(program kind) {
    switch (kind) {
        case program::plain:
            return "plain";
        case program::with_everything:
            return "with_everything";
        case program::redirected:
            break;
    }
    return "redirected";
}

class every_step : public ::testing::TestWithParam<program> {};

INSTANTIATE_TEST_SUITE_P(of_a_session, every_step,
                         ::testing::Values(program::plain, program::with_everything,
                                           program::redirected),
                         [](const auto& info) { return name_of(info.param); });

TEST_P(every_step, the_visit_takes_many_steps_and_ends_well) {
    world whole(GetParam());
    whole.settle();
    EXPECT_TRUE(whole.over);
    EXPECT_EQ(path(whole.steps),
              GetParam() == program::redirected
                  ? "CONNECTING REDIRECT(see-other-host) AUTHENTICATING CONNECTED "
                    "REDIRECT(see-other-host) AUTHENTICATING CONNECTED DISCONNECTING DISCONNECTED"
                  : "CONNECTING AUTHENTICATING CONNECTED DISCONNECTING DISCONNECTED");
    EXPECT_EQ(ends(whole.observed), GetParam() == program::with_everything ? 1 : 0);
    EXPECT_EQ(whole.peer.problems(), "");
}

/// How it ends when the server does no more than so many steps, and then `last`.
void expect_one_end(program kind, std::size_t peer_steps, const peer_step last) {
    world at(kind, peer_steps);
    last(at.peer);
    at.settle();
    // A session that is up stays so while nothing is wrong but that nobody talks.
    if (!at.over) {
        detail::spawn(at.context->get_executor(), at.conn->disconnect(),
                      [](const std::exception_ptr&) {});
        at.settle();
    }
    EXPECT_TRUE(at.over) << "after " << peer_steps << " steps";
    EXPECT_EQ(ends(at.steps), 1) << "after " << peer_steps << " steps: " << path(at.steps);
    ASSERT_FALSE(at.steps.empty());
    EXPECT_EQ(at.steps.back().code, status_code::disconnected);
    EXPECT_EQ(at.time->pending(), 0u) << "after " << peer_steps << " steps";
}

TEST_P(every_step, a_server_that_falls_silent_is_left_in_bounded_time) {
    for (std::size_t count = 0; count < script_steps(GetParam()).size(); ++count) {
        expect_one_end(GetParam(), count, [](auto& peer) { peer.stall(); });
    }
}

TEST_P(every_step, a_link_that_breaks_ends_the_session_once) {
    for (std::size_t count = 0; count <= script_steps(GetParam()).size(); ++count) {
        expect_one_end(GetParam(), count, [](auto& peer) { peer.cut(); });
    }
}

TEST_P(every_step, a_stream_error_ends_the_session_once) {
    // Before that, there is no stream in which the error could stand.
    const auto all = script_steps(GetParam()).size();
    const auto first = GetParam() == program::redirected ? all - std::size(one_session) + 2 : 2;
    for (std::size_t count = first; count < all; ++count) {
        expect_one_end(GetParam(), count, [](auto& peer) { peer.send(stream_error("reset")); });
    }
}

TEST_P(every_step, destroying_the_connection_ends_everything_without_a_word) {
    for (int step = 0;; ++step) {
        world at(GetParam());
        if (!at.advance(step)) break;
        const auto before = at.steps.size();
        at.conn.reset();
        const auto observed = at.observed.size();
        at.settle();
        EXPECT_TRUE(at.over) << "at step " << step;
        EXPECT_EQ(at.observed.size(), observed) << "at step " << step;
        EXPECT_EQ(at.steps.size(), before) << "at step " << step;
        EXPECT_EQ(at.time->pending(), 0u) << "at step " << step;
        ASSERT_LT(step, 10'000);
    }
}

TEST_P(every_step, cancelling_the_program_leaves_a_connection_that_works) {
    for (int step = 0;; ++step) {
        world at(GetParam());
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

TEST_P(every_step, reset_ends_in_exactly_one_terminal_status) {
    for (int step = 0;; ++step) {
        world at(GetParam());
        if (!at.advance(step)) break;
        at.conn->reset();
        at.settle();
        EXPECT_TRUE(at.over) << "at step " << step;
        EXPECT_EQ(ends(at.steps), at.steps.empty() ? 0 : 1) << "at step " << step;
        ASSERT_LT(step, 10'000);
    }
}

TEST_P(every_step, disconnect_ends_in_exactly_one_terminal_status) {
    for (int step = 0;; ++step) {
        world at(GetParam());
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

TEST_P(every_step, destroying_the_context_leaks_nothing) {
    for (int step = 0; step < 500; ++step) {
        auto time = std::make_shared<testing::virtual_clock>();
        asio::io_context context;
        testing::scripted_peer peer(context.get_executor());
        for (const auto each : script_steps(GetParam())) each(peer);
        detail::spawn(context.get_executor(),
                      own_a_connection(context.get_executor(), settings_of(GetParam(), peer, time)),
                      [](const std::exception_ptr&) {});
        for (int i = 0; i < step; ++i) context.poll_one();
    }
}

}  // namespace
}  // namespace xmpp::test
