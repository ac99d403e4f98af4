#include "testing/server/web/http_port.hpp"

#include <xmpp/error.hpp>

#include "base/spawn.hpp"
#include "net/tls/tls_stream.hpp"
#include "testing/server/web/bosh_server_session.hpp"
#include "testing/server/web/http_exchange.hpp"

#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp::detail::serving {

struct http_port::state {
    asio::any_io_executor executor;
    std::shared_ptr<clock> time;
    std::shared_ptr<const tls_context> identity;
    xml_limits limits;
    stream_server serve;  // null when the port is gone
    std::vector<std::weak_ptr<byte_stream>> connections;
    std::map<std::string, std::weak_ptr<bosh_server_session>, std::less<>> sessions;

    std::optional<bosh_response> read(std::string_view posted) const {
        try {
            auto request = bosh_body_reader(limits).read(posted);
            while (request.rest) {
                if (auto element = request.rest->next())
                    request.elements.push_back(std::move(*element));
                else
                    request.rest.reset();
            }
            return request;
        } catch (const error&) {
            return std::nullopt;
        }
    }

    /// Whose request that is; null when the session is gone.
    std::shared_ptr<bosh_server_session> session_of(const bosh_response& request) {
        const auto sid = request.attr("sid");
        if (sid.empty()) return begin(request);
        const auto known = sessions.find(sid);
        return known == sessions.end() ? nullptr : known->second.lock();
    }

    std::shared_ptr<bosh_server_session> begin(const bosh_response& request) {
        if (!serve) return nullptr;
        std::erase_if(sessions, [](const auto& row) { return row.second.expired(); });
        auto session = std::make_shared<bosh_server_session>(executor, time, request);
        sessions.emplace(session->sid(), session);
        serve(std::make_unique<bosh_server_stream>(session));
        return session;
    }
};

http_port::http_port(asio::any_io_executor executor, std::shared_ptr<clock> time,
                     std::shared_ptr<const tls_context> identity, const xml_limits& limits,
                     stream_server serve)
    : state_(std::make_shared<state>()) {
    state_->executor = executor;
    state_->time = std::move(time);
    state_->identity = std::move(identity);
    state_->limits = limits;
    state_->serve = std::move(serve);
    auto accepted = [weak = std::weak_ptr(state_)](std::unique_ptr<byte_stream> bytes) {
        const auto self = weak.lock();
        if (!self) return;
        // What goes wrong with a connection is its client's affair.
        spawn(self->executor, serve_connection(self, std::move(bytes)), [](std::exception_ptr) {});
    };
    listener_ = std::make_unique<listener>(std::move(executor), std::move(accepted));
}

http_port::~http_port() {
    state_->serve = nullptr;
    for (const auto& weak : state_->connections) {
        if (const auto connection = weak.lock()) connection->abort();
    }
}

task<> http_port::serve_connection(std::shared_ptr<state> self,
                                   std::unique_ptr<byte_stream> bytes) {
    std::shared_ptr<byte_stream> connection;
    std::shared_ptr<tls_stream> encrypted;
    if (self->identity) {
        encrypted = std::make_shared<tls_stream>(self->executor, std::move(bytes), self->identity);
        connection = encrypted;
    } else {
        connection = std::move(bytes);
    }
    std::erase_if(self->connections, [](const auto& weak) { return weak.expired(); });
    self->connections.push_back(connection);
    if (encrypted) co_await encrypted->handshake();
    http_answerer answerer = [self](std::string posted) { return answer(self, std::move(posted)); };
    co_await serve_http(connection, std::move(answerer));
}

task<std::optional<std::string>> http_port::answer(std::shared_ptr<state> self,
                                                   std::string posted) {
    auto request = self->read(posted);
    if (!request) co_return bosh_refusal("bad-request");
    const auto session = self->session_of(*request);
    if (!session) co_return bosh_refusal("item-not-found");
    auto content = co_await bosh_server_session::exchange(session, std::move(*request));
    co_return content;
}

}  // namespace xmpp::detail::serving
