#include <xmpp/error.hpp>

#include "base/ascii.hpp"
#include "transport/open_transport.hpp"
#include "transport/transport_settings.hpp"
#include "transport/websocket/channel_link.hpp"
#include "transport/websocket/websocket_transport.hpp"

#include <asio/this_coro.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace xmpp::detail {
namespace {

transport_function opener_of(const options& settings, const std::string& service) {
    const auto& known = settings.registered_transports();
    const auto scheme = service.substr(0, service.find(':'));
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& each) {
        return equal_in_any_case(each.scheme, scheme);
    });
    if (found != known.end()) return found->open;
    throw error(errc::invalid_service, "no transport is registered for " + scheme);
}

}  // namespace

task<std::shared_ptr<transport>> open_registered(transport_request wanted,
                                                 wire_observer& observer) {
    const auto executor = co_await asio::this_coro::executor;
    const auto& settings = wanted.settings;
    auto service = wanted.service.str();
    const auto open = opener_of(settings, service);
    auto channel = co_await open(std::move(service));
    if (!channel) throw error(errc::callback_failed, "the program's transport opened nothing");
    const bool secure = channel->secure();
    auto messages = std::make_unique<channel_link>(executor, std::move(channel),
                                                   settings.max_stanza_bytes(), observer);
    std::shared_ptr<transport> opened =
        std::make_shared<websocket_transport>(std::move(messages), limits_of(settings), secure,
                                              std::vector<channel_binding_data>(), observer);
    co_return opened;
}

}  // namespace xmpp::detail
