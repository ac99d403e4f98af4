// What a message costs over WebSocket, beside the same over TCP: from the bytes of the stream below
// to a handler, and from an element to the bytes of one write. Both take turns on the same stanzas,
// so that whatever else the machine does hits both alike. The streams below are prepared bytes.
#include <xmpp/match.hpp>

#include "allocations/allocation_counter.hpp"
#include "base/spawn.hpp"
#include "cpu_time.hpp"
#include "dispatch/handlers.hpp"
#include "net/websocket/websocket_stream.hpp"
#include "stanzas.hpp"
#include "transport/tcp/tcp_transport.hpp"
#include "transport/trace.hpp"
#include "transport/websocket/websocket_transport.hpp"

#include <asio/io_context.hpp>
#include <benchmark/benchmark.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::bench {
namespace {

constexpr std::size_t messages_in_turn = 2048;

/// Gives its first bytes once and the others for ever, and drops what is written.
class prepared_stream final : public byte_stream {
 public:
    prepared_stream(std::string first, std::string others)
        : first_(std::move(first)), others_(std::move(others)) {}

    task<std::string_view> read() override {
        co_return std::exchange(begun_, true) ? std::string_view(others_) : first_;
    }
    task<> write(std::string_view bytes) override {
        benchmark::DoNotOptimize(bytes.data());
        co_return;
    }
    task<> close() override { co_return; }
    void abort() noexcept override {}

 private:
    std::string first_;
    std::string others_;
    bool begun_ = false;
};

std::string framed(std::string_view text, std::size_t times) {
    detail::websocket_codec server(detail::websocket_role::server, 0);
    for (std::size_t i = 0; i < times; ++i) server.add_text(text);
    std::string bytes;
    server.take_output(bytes);
    return bytes;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string bytes;
    for (std::size_t i = 0; i < times; ++i) bytes += text;
    return bytes;
}

/// As RFC 7395 wants it: each stanza declares its namespace.
std::string standalone(const std::string& xml) {
    const auto at = xml.find_first_of(" >");
    return xml.substr(0, at) + " xmlns='jabber:client'" + xml.substr(at);
}

std::shared_ptr<detail::transport> over_tcp(const std::string& xml, std::size_t group,
                                            detail::wire_observer& observer) {
    auto bytes =
        std::make_unique<prepared_stream>(std::string(stream_header()), repeated(xml, group));
    return std::make_shared<detail::tcp_transport>(std::move(bytes), detail::xml_limits(), nullptr,
                                                   observer);
}

std::shared_ptr<detail::transport> over_websocket(const asio::any_io_executor& executor,
                                                  const std::string& xml, std::size_t group,
                                                  detail::wire_observer& observer) {
    const std::string open =
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='s1' from='capulet.example' "
        "version='1.0' xml:lang='en'/>";
    const detail::xml_limits limits;
    auto bytes = std::make_unique<prepared_stream>(framed(open, 1), framed(standalone(xml), group));
    auto socket = std::make_unique<detail::websocket_stream>(
        executor, std::move(bytes), detail::websocket_role::client, limits.stanza_bytes);
    return std::make_shared<detail::websocket_transport>(
        std::move(socket), limits, true, std::vector<detail::channel_binding_data>(), observer);
}

task<> open(std::shared_ptr<detail::transport> wire) {
    const detail::stream_header header;
    co_await wire->open_stream(header);
}

task<> read_all(std::shared_ptr<detail::transport> wire, detail::handlers& all) {
    for (std::size_t i = 0; i < messages_in_turn; ++i) {
        const auto received = co_await wire->read();
        if (!received) throw std::runtime_error("the stream has ended");
        all.dispatch(*received);
    }
}

task<> write_all(std::shared_ptr<detail::transport> wire, const std::string& xml,
                 std::size_t group) {
    detail::outgoing_batch batch;
    for (std::size_t sent = 0; sent < messages_in_turn; sent += group) {
        batch.clear();
        for (std::size_t i = 0; i < group; ++i) batch.add(xml);
        co_await wire->write(batch);
    }
}

struct cost {
    double seconds = 0;
    int allocations = 0;
};

/// Runs `work` to its end.
void run(asio::io_context& context, task<> work, cost& sum) {
    std::exception_ptr failure;
    detail::spawn(context.get_executor(), std::move(work),
                  [&](std::exception_ptr thrown) { failure = std::move(thrown); });
    context.restart();
    sum.allocations +=
        test::allocations_of([&] { sum.seconds += cpu_seconds([&] { context.run(); }); });
    if (failure) std::rethrow_exception(failure);
}

/// The same work over both, in turns.
template <class Work>
void compare(benchmark::State& state, const std::string& xml, Work work) {
    asio::io_context context{1};
    detail::trace observers;
    const auto group = static_cast<std::size_t>(state.range(0));
    const auto tcp = over_tcp(xml, group, observers);
    const auto websocket = over_websocket(context.get_executor(), xml, group, observers);
    cost ignored;
    run(context, open(tcp), ignored);
    run(context, open(websocket), ignored);
    run(context, work(tcp, context, observers), ignored);
    run(context, work(websocket, context, observers), ignored);
    cost of_tcp;
    cost of_websocket;
    for (auto _ : state) {
        run(context, work(tcp, context, observers), of_tcp);
        const double before = of_websocket.seconds;
        run(context, work(websocket, context, observers), of_websocket);
        state.SetIterationTime((of_websocket.seconds - before) /
                               static_cast<double>(messages_in_turn));
    }
    const auto messages =
        static_cast<double>(state.iterations()) * static_cast<double>(messages_in_turn);
    state.counters["tcp_us"] = of_tcp.seconds / messages * 1e6;
    state.counters["websocket_us"] = of_websocket.seconds / messages * 1e6;
    state.counters["ratio"] = of_websocket.seconds / of_tcp.seconds;
    state.counters["tcp_allocs"] = of_tcp.allocations / messages;
    state.counters["websocket_allocs"] = of_websocket.allocations / messages;
}

void receive(benchmark::State& state, const std::string& xml) {
    std::unique_ptr<detail::handlers> all;
    std::size_t seen = 0;
    compare(state, xml,
            [&](const auto& wire, asio::io_context& context, const detail::trace& observers) {
                if (!all) {
                    const detail::stanza_queue::limits bounds{1'000, 10'000, overflow::pause};
                    all = std::make_unique<detail::handlers>(context.get_executor(), bounds,
                                                             observers, [] {});
                    all->add(match().name("message"), [&seen](const stanza&) {
                        ++seen;
                        return true;
                    });
                }
                return read_all(wire, *all);
            });
    benchmark::DoNotOptimize(seen);
}

void send(benchmark::State& state, const std::string& xml) {
    const auto group = static_cast<std::size_t>(state.range(0));
    compare(state, xml, [&](const auto& wire, asio::io_context&, const detail::trace&) {
        return write_all(wire, xml, group);
    });
}

void one_by_one_and_in_groups(benchmark::internal::Benchmark* measured) {
    measured->ArgName("group")->Arg(1)->Arg(64)->UseManualTime()->Iterations(60);
    measured->Repetitions(5)->ReportAggregatesOnly();
}

BENCHMARK_CAPTURE(receive, chat, chat_message())->Apply(one_by_one_and_in_groups);
BENCHMARK_CAPTURE(receive, annotated, annotated_message())->Apply(one_by_one_and_in_groups);
BENCHMARK_CAPTURE(send, chat, chat_message())->Apply(one_by_one_and_in_groups);

}  // namespace
}  // namespace xmpp::bench

BENCHMARK_MAIN();
