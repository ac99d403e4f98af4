#include <xmpp/error.hpp>

#include "net/local_socket.hpp"
#include "transport/open_transport.hpp"
#include "transport/shared_transport.hpp"
#include "transport/start_broker.hpp"

#include <asio/this_coro.hpp>
#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

std::unique_ptr<byte_stream> reach_broker(const asio::any_io_executor& executor,
                                          const std::filesystem::path& path,
                                          const std::filesystem::path& program) {
    auto bytes = connect_local(executor, path);
    if (!bytes && !program.empty()) {
        // Of several who come here at once, one starts the broker.
        if (auto listening = listen_local(path)) {
            start_broker(program, path, std::move(*listening));
        }
        bytes = connect_local(executor, path);
    }
    if (bytes) return bytes;
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
    auto bytes = reach_broker(executor, path, wanted.settings.worker_program());
    auto link = std::make_shared<shared_link>(executor, std::move(bytes),
                                              most_message_bytes(wanted.settings));
    auto wire = std::make_shared<shared_transport>(std::move(link), wanted.settings, wanted.events,
                                                   observer);
    co_await wire->join(std::move(wanted));
    std::shared_ptr<transport> opened = std::move(wire);
    co_return opened;
}

}  // namespace xmpp::detail
