// What a message costs over HTTP, beside one over TCP: from the batch to the socket and from the
// socket to the stanza, system calls included. The other end has a thread of its own, which is not
// measured.
#include <xmpp/clock.hpp>
#include <xmpp/ns.hpp>

#include "base/spawn.hpp"
#include "cpu_time.hpp"
#include "loopback_peer.hpp"
#include "net/dial/dial.hpp"
#include "net/dns/resolver.hpp"
#include "net/http/http_client.hpp"
#include "stanzas.hpp"
#include "transport/bosh/bosh_transport.hpp"
#include "transport/tcp/tcp_transport.hpp"

#include <asio/io_context.hpp>
#include <benchmark/benchmark.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::bench {
namespace {

constexpr std::size_t messages_in_turn = 4096;

class nobody final : public detail::wire_observer {
 public:
    void bytes_received(std::string_view) override {}
    void bytes_sent(std::string_view) override {}
    void element_received(const stanza&) override {}
    void element_sent(std::string_view) override {}
};

/// A transport to a peer that answers each message with one.
class link {
 public:
    link() = default;
    link(const link&) = delete;
    link& operator=(const link&) = delete;

    double run(task<> work) {
        std::exception_ptr failure;
        detail::spawn(context.get_executor(), std::move(work), [&](std::exception_ptr thrown) {
            failure = std::move(thrown);
            context.stop();
        });
        context.restart();
        const double used = cpu_seconds([&] { context.run(); });
        if (failure) std::rethrow_exception(failure);
        return used;
    }

    /// Before the peer goes, which waits for the end of the connection.
    void hang_up() {
        wire.reset();
        context.restart();
        context.poll();
    }

    asio::io_context context;
    nobody observer;
    std::shared_ptr<detail::transport> wire;
};

detail::stream_header header() {
    return {"example.org", "", "en"};
}

class tcp_link : public link {
 public:
    tcp_link() { run(open()); }
    ~tcp_link() { hang_up(); }

 private:
    task<> open() {
        std::vector<detail::endpoint> places;
        places.emplace_back("127.0.0.1", peer_.port());
        const auto executor = context.get_executor();
        detail::dial_tools tools;
        tools.names = detail::make_system_resolver(executor);
        tools.sockets = detail::make_socket_connector(executor);
        tools.time = clock::steady();
        detail::dialler dialling(executor, std::move(places), std::move(tools));
        auto reached = co_await dialling.next();
        wire = std::make_shared<detail::tcp_transport>(std::move(reached.stream),
                                                       detail::xml_limits(), nullptr, observer);
        auto ours = header();
        co_await wire->open_stream(std::move(ours));
    }

    stream_peer peer_;
};

class bosh_link : public link {
 public:
    bosh_link() {
        detail::http_settings http;
        http.url = "http://127.0.0.1:" + std::to_string(peer_.port()) + "/http-bind";
        auto client =
            detail::make_http_client(context.get_executor(), std::move(http), clock::steady());
        wire = std::make_shared<detail::bosh_transport>(context.get_executor(), std::move(client),
                                                        false, detail::bosh_settings(),
                                                        clock::steady(), observer);
        run(open());
    }
    ~bosh_link() { hang_up(); }

 private:
    task<> open() {
        auto ours = header();
        co_await wire->open_stream(std::move(ours));
    }

    http_peer peer_;
};

/// Messages in groups, and the answers to each before the next.
task<> exchange(std::shared_ptr<detail::transport> wire, std::size_t group) {
    detail::outgoing_batch batch;
    for (std::size_t i = 0; i < group; ++i) batch.add(chat_message());
    for (std::size_t sent = 0; sent < messages_in_turn; sent += group) {
        co_await wire->write(batch);
        for (std::size_t i = 0; i < group; ++i) {
            const auto answer = co_await wire->read();
            if (!answer) throw std::runtime_error("the session has ended");
        }
    }
}

template <class Link>
void there_and_back(benchmark::State& state) {
    Link link;
    const auto group = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        const double used = link.run(exchange(link.wire, group));
        state.SetIterationTime(used / static_cast<double>(messages_in_turn));
    }
}

void one_by_one_and_in_groups(benchmark::internal::Benchmark* measured) {
    measured->ArgName("group")->Arg(1)->Arg(8)->Arg(64)->UseManualTime()->Iterations(5);
    measured->Repetitions(5)->ReportAggregatesOnly();
}

BENCHMARK(there_and_back<tcp_link>)->Apply(one_by_one_and_in_groups);
BENCHMARK(there_and_back<bosh_link>)->Apply(one_by_one_and_in_groups);

}  // namespace
}  // namespace xmpp::bench

BENCHMARK_MAIN();
