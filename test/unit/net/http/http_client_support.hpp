#pragma once

#include <xmpp/clock.hpp>

#include "net/http/http_client.hpp"
#include "support/background.hpp"
#include "support/http_server.hpp"

#include <asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace xmpp::test {

inline constexpr std::chrono::seconds long_enough{60};

inline std::shared_ptr<const std::string> text(std::string body) {
    return std::make_shared<const std::string>(std::move(body));
}

inline std::shared_ptr<detail::http_client> client_of(asio::io_context& context,
                                                      detail::http_settings settings) {
    return detail::make_http_client(context.get_executor(), std::move(settings), clock::steady());
}

inline std::shared_ptr<detail::http_client> client_of(asio::io_context& context,
                                                      const http_server& server) {
    detail::http_settings settings;
    settings.url = server.url();
    return client_of(context, settings);
}

/// A post under way, and what became of it.
class posting : public background<detail::http_response> {
 public:
    posting(asio::io_context& context, const std::shared_ptr<detail::http_client>& client,
            std::string body, std::chrono::milliseconds limit = long_enough)
        : background(context, client->post(text(std::move(body)), limit)) {}

    const detail::http_response& response() const { return result(); }
};

}  // namespace xmpp::test
