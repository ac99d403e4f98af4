#include <xmpp/broker.hpp>
#include <xmpp/error.hpp>

#include "broker/broker_core.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp {
namespace {

detail::descriptor listen(const std::filesystem::path& socket) {
    auto listening = detail::listen_local(socket);
    if (listening) return std::move(*listening);
    throw error(errc::already_connected,
                fmt::format("a broker listens on {} already, or is about to", socket.string()));
}

}  // namespace

broker::broker(asio::any_io_executor executor, std::filesystem::path socket,
               broker_options settings)
    : core_(std::make_shared<detail::broker_core>(std::move(executor), listen(socket),
                                                  std::move(settings))) {}

broker::broker(asio::any_io_executor executor, int listening_descriptor, broker_options settings)
    : core_(std::make_shared<detail::broker_core>(
          std::move(executor), detail::descriptor(listening_descriptor), std::move(settings))) {}

broker::~broker() {
    core_->close();
}

task<void> broker::run() {
    return detail::broker_core::run(core_);
}

void broker::stop() {
    core_->stop();
}

void broker::on_log(log_level threshold,
                    std::function<void(log_level, std::string_view)> observer) {
    core_->log_threshold = threshold;
    core_->log_sink = std::move(observer);
}

}  // namespace xmpp
