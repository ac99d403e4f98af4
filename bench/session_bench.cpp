// What the whole way through a connection costs: a message from send() to the bytes on the wire,
// and from the bytes to the program. See isolated_session for what is not in it.
#include <xmpp/connection.hpp>
#include <xmpp/match.hpp>
#include <xmpp/message.hpp>

#include "base/event.hpp"
#include "isolated_session.hpp"
#include "stanzas.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace xmpp::bench {
namespace {

constexpr std::size_t messages_in_turn = 4096;

message line_of_chat(const jid& to) {
    return message(to)
        .type("chat")
        .id("b4a91c3e-7d15")
        .body("Shall I hear more, or shall I speak at this, my love?");
}

/// Messages in groups, each written before the next is begun.
task<> send_all(connection* conn, std::size_t group) {
    const jid juliet("juliet@capulet.example/balcony");
    for (std::size_t sent = 0; sent < messages_in_turn; sent += group) {
        for (std::size_t i = 0; i < group; ++i) co_await conn->send(line_of_chat(juliet));
        co_await conn->flush();
    }
}

task<> pull(std::shared_ptr<async_generator<stanza>> stanzas, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto received = co_await stanzas->next();
        if (!received) throw std::runtime_error("the session has ended");
    }
}

std::string group_of(std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += chat_message();
    return bytes;
}

/// The time of one message, out of a turn.
void set_time(benchmark::State& state, double of_turn) {
    state.SetIterationTime(of_turn / static_cast<double>(messages_in_turn));
}

void send(benchmark::State& state) {
    isolated_session session;
    const auto group = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) set_time(state, session.run(send_all(&session.conn(), group)));
}

/// To a coroutine that pulls from stanzas().
void receive_by_pulling(benchmark::State& state) {
    isolated_session session;
    const auto group = static_cast<std::size_t>(state.range(0));
    const auto stanzas =
        std::make_shared<async_generator<stanza>>(session.conn().stanzas(match().name("message")));
    for (auto _ : state) {
        session.replay(group_of(group), messages_in_turn / group);
        set_time(state, session.run(pull(stanzas, messages_in_turn + 1)));
    }
}

/// To a handler that is a plain function.
void receive_by_handler(benchmark::State& state) {
    isolated_session session;
    const auto group = static_cast<std::size_t>(state.range(0));
    detail::event all_here(session.conn().get_executor());
    std::size_t missing = 0;
    session.conn().add_handler(match().name("message"), [&](const stanza&) {
        if (--missing == 0) all_here.set();
        return true;
    });
    for (auto _ : state) {
        missing = messages_in_turn + 1;
        all_here.reset();
        session.replay(group_of(group), messages_in_turn / group);
        set_time(state, session.run(all_here.wait()));
    }
}

void one_by_one_and_in_groups(benchmark::internal::Benchmark* measured) {
    measured->ArgName("group")->Arg(1)->Arg(64)->UseManualTime()->Iterations(30);
    measured->Repetitions(5)->ReportAggregatesOnly();
}

BENCHMARK(send)->Apply(one_by_one_and_in_groups);
BENCHMARK(receive_by_pulling)->Apply(one_by_one_and_in_groups);
BENCHMARK(receive_by_handler)->Apply(one_by_one_and_in_groups);

}  // namespace
}  // namespace xmpp::bench

BENCHMARK_MAIN();
