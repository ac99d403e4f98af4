#include <xmpp/match.hpp>
#include <xmpp/stanza.hpp>

#include "allocation_counter.hpp"
#include "dispatch/handlers.hpp"
#include "support/co_test.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>

namespace xmpp::test {
namespace {

class dispatching : public ::testing::Test {
 protected:
    asio::io_context context;
    detail::trace observers;
    detail::handlers all{context.get_executor(),
                         {{1'000, 1u << 20}, {10'000, 10u << 20}, overflow::pause},
                         observers,
                         [] {}};
    const stanza received = stanza::parse(
        "<message xmlns='jabber:client' from='romeo@montague.example/orchard' type='chat'>"
        "<body>Shall I hear more?</body></message>");
};

TEST_F(dispatching, to_a_handler_is_no_allocation) {
    int seen = 0;
    all.add(match().name("message").type("chat"), [&](const stanza& each) {
        seen += each.id().empty() ? 1 : 0;
        return true;
    });
    const int used = allocations_of([&] {
        for (int i = 0; i < 100; ++i) all.dispatch(received, detail::receipt());
    });
    show("dispatch to a handler", 100, used);
    EXPECT_EQ(seen, 100);
    EXPECT_EQ(used, 0);
}

TEST_F(dispatching, past_a_handler_that_wants_other_stanzas_is_no_allocation) {
    all.add(match().name("presence"), [](const stanza&) { return true; });
    all.add(match().ns("urn:xmpp:receipts"), [](const stanza&) { return true; });
    const int used = allocations_of([&] {
        for (int i = 0; i < 100; ++i) all.dispatch(received, detail::receipt());
    });
    show("dispatch to nobody", 100, used);
    EXPECT_EQ(used, 0);
}

task<> pull(std::shared_ptr<detail::stanza_queue> queue, int count) {
    for (int i = 0; i < count; ++i) co_await queue->next();
}

// What waits lies in a std::deque: libstdc++ takes a block of 512 bytes for each 64 handles.
TEST_F(dispatching, into_a_subscription_is_one_allocation_for_64_stanzas) {
    const auto queue = all.subscribe(match().name("message"));
    int used = 0;
    for (int turn = 0; turn < 64; ++turn) {
        used += allocations_of([&] {
            for (int i = 0; i < 10; ++i) all.dispatch(received, detail::receipt());
        });
        run(context, pull(queue, 10));
    }
    show("dispatch into a subscription", 640, used);
    EXPECT_EQ(used, 640 / 64);
}

}  // namespace
}  // namespace xmpp::test
