#include <xmpp/error.hpp>

#include "base/event.hpp"
#include "net/socket/local_socket.hpp"
#include "transport/open_transport.hpp"
#include "transport/shared/shared_transport.hpp"
#include "transport/shared/start_broker.hpp"

#include <asio/this_coro.hpp>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>

namespace xmpp::detail {
namespace {

// Of several programs that come at once, one starts the broker. Until it listens, which is a matter
// of microseconds, the others look again now and then.
constexpr int most_looks = 40;
constexpr std::chrono::milliseconds between_looks{25};

task<> wait_for(std::shared_ptr<clock> time, std::chrono::milliseconds period) {
    const auto executor = co_await asio::this_coro::executor;
    event over(executor);
    const auto alarm = time->call_at(executor, time->now() + period, [&over] { over.set(); });
    co_await over.wait();
}

task<std::unique_ptr<byte_stream>> reach_broker(std::filesystem::path path,
                                                std::filesystem::path program,
                                                std::shared_ptr<clock> time) {
    const auto executor = co_await asio::this_coro::executor;
    auto bytes = connect_local(executor, path);
    const int looks = program.empty() ? 0 : most_looks;
    for (int look = 0; !bytes && look < looks; ++look) {
        if (look > 0) co_await wait_for(time, between_looks);
        if (auto listening = listen_local(path)) {
            start_broker(program, path, std::move(*listening));
        }
        bytes = connect_local(executor, path);
    }
    if (bytes) co_return bytes;
    throw error(
        errc::connection_refused,
        fmt::format("no broker listens on {}: start one (docs/shared-sessions.md)", path.string()));
}

}  // namespace

task<std::shared_ptr<transport>> open_shared(transport_request wanted, wire_observer& observer) {
    const auto executor = co_await asio::this_coro::executor;
    const bool by_url = wanted.service.scheme == service_scheme::shared;
    const auto path =
        by_url ? std::filesystem::path(wanted.service.target) : wanted.settings.worker();
    auto bytes = co_await reach_broker(path, wanted.settings.worker_program(),
                                       wanted.settings.time_source());
    auto link = std::make_shared<shared_link>(executor, std::move(bytes),
                                              most_message_bytes(wanted.settings));
    auto wire = std::make_shared<shared_transport>(std::move(link), wanted.settings, wanted.events,
                                                   observer);
    co_await wire->join(std::move(wanted));
    std::shared_ptr<transport> opened = std::move(wire);
    co_return opened;
}

}  // namespace xmpp::detail
