#include "transport.hpp"

#include <asio/co_spawn.hpp>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <system_error>
#include <utility>

namespace demo {
namespace {

std::string tcp_service(const xmpp::testing::server& server) {
    return fmt::format("xmpp://127.0.0.1:{}", server.port());
}

std::filesystem::path make_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "xmpp-demo-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) {
        throw std::system_error(errno, std::generic_category(), "a folder for the socket");
    }
    return pattern;
}

}  // namespace

std::optional<transport> parse_transport(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, transport>, 4> names{
        std::pair{"tcp", transport::tcp}, std::pair{"ws", transport::websocket},
        std::pair{"bosh", transport::bosh}, std::pair{"shared", transport::shared}};
    for (const auto& [known, how] : names) {
        if (name == known) return how;
    }
    return std::nullopt;
}

std::string_view describe(transport how) {
    switch (how) {
        case transport::tcp:
            return "TCP";
        case transport::websocket:
            return "WebSocket";
        case transport::bosh:
            return "HTTP (BOSH)";
        case transport::shared:
            break;
    }
    return "a session that programs share";
}

way_in::way_in(asio::io_context& context, const xmpp::testing::server& server, transport how) {
    switch (how) {
        case transport::tcp:
            service_ = tcp_service(server);
            settings_ = server.client_options();
            break;
        case transport::websocket:
            service_ = server.ws_url();
            settings_ = server.ws_client_options();
            break;
        case transport::bosh:
            service_ = server.http_url();
            settings_ = server.http_client_options();
            break;
        case transport::shared:
            share(context, server);
            break;
    }
}

way_in::~way_in() {
    broker_.reset();
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

void way_in::share(asio::io_context& context, const xmpp::testing::server& server) {
    folder_ = make_folder();
    const auto socket = folder_ / "session";
    service_ = "unix:" + socket.string();
    broker_.emplace(
        context.get_executor(), socket,
        xmpp::broker_options().service(tcp_service(server)).connection(server.client_options()));
    asio::co_spawn(context, broker_->run(), [](std::exception_ptr) {});
}

void way_in::close() {
    if (broker_) broker_->stop();
}

}  // namespace demo
