// Whatever step a session is at over its first, second or third link and between them, what the
// program asks of it happens, and leaves nothing behind.
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"
#include "scripted/stream/managed_streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using testing::scripted_peer;

/// How the session goes on from link to link.
enum class links {
    of_new_sessions,     // the server knows no stream management
    of_resumed_streams,  // and a store keeps the stream
    refused_resumption,
    closed_streams,  // the server ends each stream in good order
    redirected,      // as soon as the session is up
};

constexpr const char* see_other =
    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>other.example.org"
    "</see-other-host></stream:error>";

void first_link(scripted_peer& peer, links kind) {
    const bool managed = kind == links::of_resumed_streams || kind == links::refused_resumption;
    if (managed) {
        accept_managed(peer).expect(chat("hi"));
    } else {
        peer.accept_login(juliet).expect(chat("hi"));
    }
}

void next_link(scripted_peer& peer, links kind) {
    switch (kind) {
        case links::of_new_sessions:
            peer.expect_nothing(1ms).cut().next_connection().accept_login(juliet);
            return;
        case links::of_resumed_streams:
            peer.expect_nothing(1ms).cut().next_connection();
            offer_to_resume(peer).expect(resume("one", "0")).send(resumed("one", "0"));
            peer.expect(chat("hi")).expect(ack_request);
            return;
        case links::refused_resumption:
            peer.expect_nothing(1ms).cut().next_connection();
            offer_to_resume(peer).expect(resume("one", "0")).send(failed);
            accept_binding(peer).expect(enable).expect(delayed_chat("hi")).expect(ack_request);
            peer.send(enabled);
            return;
        case links::closed_streams:
            peer.close_stream().expect_close().end().next_connection().accept_login(juliet);
            return;
        case links::redirected:
            peer.send(see_other).expect_close().next_connection().accept_login(juliet);
            return;
    }
}

task<> follow(connection& conn, std::vector<status>* steps) {
    auto statuses = conn.connect(credentials(juliet, "secret"));
    bool greeted = false;
    while (auto step = co_await statuses.next()) {
        steps->push_back(*step);
        if (step->code != status_code::connected || greeted) continue;
        greeted = true;
        try {
            conn.enqueue(message("a@b").body("hi"));
        } catch (const error&) {
            continue;  // the session has been ended meanwhile
        }
    }
}

/// The connection may be gone before the first turn.
task<> wait_for_reply(std::optional<connection>& conn) {
    if (conn) co_await conn->send_iq(ping());
}

/// A session over three links; what the server does after them is nothing.
class reconnecting_world {
 public:
    explicit reconnecting_world(links kind) {
        peer.time_source(time);
        first_link(peer, kind);
        next_link(peer, kind);
        next_link(peer, kind);
        peer.stall();
        auto settings = options()
                            .dialer(peer.dialer())
                            .time_source(time)
                            .tls(tls_mode::disabled)
                            .allow_plaintext_auth(true)
                            .liveness(0ms, 0ms)
                            .reconnect_backoff(1s, 1s);
        if (kind == links::of_resumed_streams) settings.session_store(make_memory_store());
        conn.emplace(context.get_executor(), "xmpp://example.org", std::move(settings));
        conn->add_timed_handler(10min, [] { return true; });
        follower.start(context.get_executor(), follow(*conn, &steps),
                       [this](const std::exception_ptr&) { followed = true; });
    }

    /// So many turns of the loop, moving time where nothing else is to be done; false when the
    /// third link is up before.
    bool advance(int turns) {
        for (int i = 0; i < turns; ++i) {
            if (context.poll_one() > 0) continue;
            if (ups() >= 3 || time->now() > begin + 10min || !time->advance_to_next()) return false;
        }
        return true;
    }
    void settle() { testing::run_for(context, *time, 10min); }
    void spawn(task<> work, bool* over = nullptr) {
        detail::spawn(context.get_executor(), std::move(work), [over](const std::exception_ptr&) {
            if (over) *over = true;
        });
    }
    std::ptrdiff_t count(status_code wanted) const {
        return std::count_if(steps.begin(), steps.end(),
                             [wanted](const status& each) { return each.code == wanted; });
    }
    std::ptrdiff_t ups() const { return count(status_code::connected); }

    asio::io_context context;
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    clock::time_point begin = time->now();
    scripted_peer peer{context.get_executor()};
    std::optional<connection> conn;
    std::vector<status> steps;
    detail::job follower;
    bool followed = false;
};

std::string name_of(links kind) {
    switch (kind) {
        case links::of_new_sessions:
            return "of_new_sessions";
        case links::of_resumed_streams:
            return "of_resumed_streams";
        case links::refused_resumption:
            return "of_refused_resumptions";
        case links::closed_streams:
            return "of_closed_streams";
        case links::redirected:
            break;
    }
    return "of_redirects";
}

class every_link : public ::testing::TestWithParam<links> {
 protected:
    /// Does `act` at each step, and looks at what has come of it by `check`.
    template <class Act, class Check>
    void at_each_step(Act act, Check check) {
        int step = 0;
        for (;; ++step) {
            ASSERT_LT(step, 10'000);
            reconnecting_world at(GetParam());
            if (!at.advance(step)) break;
            if (at.steps.empty()) continue;  // connect() is still to come
            act(at);
            at.settle();
            check(at, fmt::format("at step {}: {}", step, path(at.steps)));
            if (HasFailure()) return;
        }
        EXPECT_GT(step, 40) << "three links take many steps";
    }
};

INSTANTIATE_TEST_SUITE_P(sequence, every_link,
                         ::testing::Values(links::of_new_sessions, links::of_resumed_streams,
                                           links::refused_resumption, links::closed_streams,
                                           links::redirected),
                         [](const auto& info) { return name_of(info.param); });

TEST_P(every_link, comes_up_after_the_one_before) {
    reconnecting_world whole(GetParam());
    whole.settle();
    EXPECT_EQ(whole.ups(), 3) << path(whole.steps) << '\n' << whole.peer.problems();
    EXPECT_EQ(whole.conn->resumed(), GetParam() == links::of_resumed_streams);
}

TEST_P(every_link, disconnect_ends_everything_once) {
    bool over = false;
    bool replied = false;
    at_each_step(
        [&](reconnecting_world& at) {
            over = replied = false;
            at.spawn(wait_for_reply(at.conn), &replied);
            at.spawn(at.conn->disconnect("enough"), &over);
        },
        [&](reconnecting_world& at, const std::string& where) {
            EXPECT_TRUE(over) << where;
            EXPECT_TRUE(replied) << where;
            EXPECT_TRUE(at.followed) << where;
            EXPECT_EQ(at.count(status_code::disconnected), 1) << where;
            EXPECT_EQ(at.time->pending(), 0u) << where;
        });
}

TEST_P(every_link, reset_ends_everything_once_and_lets_the_next_session_begin) {
    bool replied = false;
    std::vector<status> next;
    at_each_step(
        [&](reconnecting_world& at) {
            replied = false;
            next.clear();
            at.spawn(wait_for_reply(at.conn), &replied);
            at.conn->reset();
            at.spawn(pull(at.conn->connect(credentials(juliet, "secret")), &next));
        },
        [&](reconnecting_world& at, const std::string& where) {
            ASSERT_FALSE(next.empty()) << where;
            EXPECT_TRUE(replied) << where;
            EXPECT_TRUE(at.followed) << where;
            EXPECT_EQ(at.count(status_code::disconnected), 1) << where;
            EXPECT_EQ(next.front().code, status_code::connecting) << where;
            at.conn->reset();
            at.settle();
            EXPECT_EQ(next.back().code, status_code::disconnected) << where << path(next);
            EXPECT_EQ(at.time->pending(), 0u) << where;
        });
}

TEST_P(every_link, destroying_the_connection_ends_everything_without_a_word) {
    bool replied = false;
    std::size_t before = 0;
    at_each_step(
        [&](reconnecting_world& at) {
            replied = false;
            at.spawn(wait_for_reply(at.conn), &replied);
            at.context.poll_one();
            before = at.steps.size();
            at.conn.reset();
        },
        [&](reconnecting_world& at, const std::string& where) {
            EXPECT_TRUE(replied) << where;
            EXPECT_TRUE(at.followed) << where;
            EXPECT_EQ(at.steps.size(), before) << where;
            EXPECT_EQ(at.time->pending(), 0u) << where;
        });
}

TEST_P(every_link, cancelling_the_program_leaves_a_session_that_can_be_ended) {
    at_each_step([](reconnecting_world& at) { at.follower.cancel(); },
                 [](reconnecting_world& at, const std::string& where) {
                     EXPECT_TRUE(at.followed) << where;
                     bool over = false;
                     at.spawn(at.conn->disconnect(), &over);
                     at.settle();
                     EXPECT_TRUE(over) << where;
                     EXPECT_EQ(at.time->pending(), 0u) << where;
                 });
}

TEST_P(every_link, a_network_that_is_back_costs_no_session) {
    at_each_step([](reconnecting_world& at) { at.conn->network_available(); },
                 [](reconnecting_world& at, const std::string& where) {
                     EXPECT_EQ(at.count(status_code::disconnected), 0) << where;
                     EXPECT_TRUE(at.conn->connected()) << where;
                 });
}

}  // namespace
}  // namespace xmpp::test
