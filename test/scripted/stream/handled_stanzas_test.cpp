// What the server is told of stanzas that were read and are not handled yet.
#include "base/event.hpp"
#include "scripted/reconnecting.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

std::string counted_message(int number) {
    return fmt::format("<message from='a@b' id='{}'><body>{}</body></message>", number, number);
}

task<> take(async_generator<stanza>& messages, std::string* taken) {
    auto message = co_await messages.next();
    if (message) *taken += message->id();
}

task<bool> hold(detail::event& until) {
    co_await until.wait();
    co_return true;
}

class handled_stanzas : public reconnecting {
 protected:
    handled_stanzas() { configure(lasting().acknowledge_handled(true)); }
};

TEST_F(handled_stanzas, are_acknowledged_once_the_next_is_asked_for) {
    accept_managed(peer)
        .send(counted_message(1) + counted_message(2) + ack_request)
        .expect(ack("0"));
    auto messages = conn->stanzas(match().name("message"));
    start();
    std::string taken;
    run(take(messages, &taken));
    EXPECT_EQ(taken, "1");
    peer.send(ack_request).expect(ack("0"));
    run_until_idle();
    run(take(messages, &taken));
    peer.send(ack_request).expect(ack("1"));
    run_until_idle();
}

TEST_F(handled_stanzas, are_acknowledged_once_a_handler_has_returned_and_without_another_question) {
    detail::event done(context.get_executor());
    conn->add_handler(match().name("message"), [&done](const stanza&) { return hold(done); });
    accept_managed(peer).send(counted_message(1) + ack_request).expect(ack("0")).expect(ack("1"));
    start();
    run_until_idle();
    done.set();
    run_until_idle();
}

TEST_F(handled_stanzas, wait_for_those_before_them) {
    detail::event done(context.get_executor());
    conn->add_handler(match().name("message").id("1"),
                      [&done](const stanza&) { return hold(done); });
    conn->add_handler(match().name("message"), [](const stanza&) { return true; });
    accept_managed(peer)
        .send(counted_message(1) + counted_message(2) + ack_request)
        .expect(ack("0"))
        .expect(ack("2"));
    start();
    run_until_idle();
    done.set();
    run_until_idle();
}

TEST_F(handled_stanzas, that_were_not_are_asked_for_again_and_delivered_once) {
    accept_managed(peer).send(counted_message(1) + counted_message(2));
    offer_to_resume(lose())
        .expect(resume("one", "1"))
        .send(resumed("one", "0") + counted_message(2) + counted_message(3) + ack_request)
        .expect(ack("1"));
    auto messages = conn->stanzas(match().name("message"));
    start();
    std::string taken;
    run(take(messages, &taken));
    detail::spawn(context.get_executor(), take(messages, &taken), [](const std::exception_ptr&) {});
    pass(3s);
    EXPECT_TRUE(conn->resumed());
    run(take(messages, &taken));
    EXPECT_EQ(taken, "123");
}

TEST_F(handled_stanzas, without_a_store_are_those_that_were_read) {
    configure(lasting());
    accept_managed(peer).send(counted_message(1) + ack_request).expect(ack("1"));
    auto messages = conn->stanzas(match().name("message"));
    start();
    run_until_idle();
}

TEST_F(handled_stanzas, of_a_process_that_died_come_again) {
    const auto store = make_memory_store();
    configure(lasting().session_store(store));
    accept_managed(peer).send(counted_message(1) + counted_message(2));
    auto messages = conn->stanzas(match().name("message"));
    start();
    std::string taken;
    run(take(messages, &taken));
    run_until_idle();
    conn.reset();
    messages = {};
    offer_to_resume(peer.expect_disconnect().next_connection())
        .expect(resume("one", "0"))
        .send(resumed("one", "0") + counted_message(1) + counted_message(2));
    configure(lasting().session_store(store));
    messages = conn->stanzas(match().name("message"));
    start();
    run_until_idle();
    run(take(messages, &taken));
    run(take(messages, &taken));
    EXPECT_EQ(taken, "112");
}

}  // namespace
}  // namespace xmpp::test
