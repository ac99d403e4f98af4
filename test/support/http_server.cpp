#include "support/http_server.hpp"

#include "base/spawn.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tls/tls_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <utility>

namespace xmpp::test {
namespace {

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::size_t content_length(const std::string& head) {
    constexpr std::string_view name = "\r\ncontent-length:";
    const auto lowered = lower(head);
    const auto at = lowered.find(name);
    return at == lowered.npos ? 0 : std::stoul(lowered.substr(at + name.size()));
}

}  // namespace

http_request::http_request(const asio::any_io_executor& executor, std::string head,
                           std::string body, std::size_t connection)
    : head_(std::move(head)), body_(std::move(body)), connection_(connection), decided_(executor) {}

std::string http_request::attr(std::string_view name) const {
    const auto start = fmt::format(" {}='", name);
    const auto tag = std::string_view(body_).substr(0, body_.find('>'));
    const auto at = tag.find(start);
    if (at == tag.npos) return {};
    const auto begin = at + start.size();
    return std::string(tag.substr(begin, tag.find('\'', begin) - begin));
}

std::uint64_t http_request::rid() const {
    return std::stoull(attr("rid"));
}

void http_request::answer(int status, std::string body, std::string headers) {
    answer_raw(fmt::format("HTTP/1.1 {} Status\r\nContent-Type: text/xml; charset=utf-8\r\n"
                           "Content-Length: {}\r\n{}\r\n{}",
                           status, body.size(), headers, body),
               true);
}

void http_request::answer_raw(std::string bytes, bool keep) {
    reply_ = std::move(bytes);
    close_after_ = !keep;
    decided_.set();
}

void http_request::answer_slowly(std::string body) {
    slowly_ = true;
    answer(std::move(body));
}

struct http_server::state {
    state(asio::any_io_executor executor_given, std::optional<detail::tls_settings> tls_given)
        : executor(std::move(executor_given)), tls(std::move(tls_given)), arrived(executor) {}

    asio::any_io_executor executor;
    std::optional<detail::tls_settings> tls;
    detail::event arrived;
    std::deque<std::shared_ptr<http_request>> requests;
    std::vector<std::weak_ptr<byte_stream>> streams;
    std::size_t connections = 0;
    std::string failure;
};

http_server::http_server(asio::any_io_executor executor, std::optional<detail::tls_settings> tls)
    : state_(std::make_shared<state>(executor, std::move(tls))) {
    auto accepted = [self = state_](std::unique_ptr<byte_stream> stream) {
        const auto number = ++self->connections;
        auto work = self->tls ? secure_and_serve(self, std::move(stream), number)
                              : serve(self, std::move(stream), number);
        detail::spawn(self->executor, std::move(work), [self](const std::exception_ptr& why) {
            try {
                if (why) std::rethrow_exception(why);
            } catch (const std::exception& failed) {
                self->failure = failed.what();
            }
        });
    };
    listener_ = std::make_unique<detail::serving::listener>(executor, std::move(accepted));
}

http_server::~http_server() {
    for (const auto& weak : state_->streams) {
        if (const auto stream = weak.lock()) stream->abort();
    }
}

std::string http_server::url(std::string_view host, std::string_view path) const {
    return fmt::format("{}://{}:{}{}", state_->tls ? "https" : "http", host, port(), path);
}

std::uint16_t http_server::port() const noexcept {
    return listener_->port();
}

task<std::shared_ptr<http_request>> http_server::next() {
    const auto self = state_;
    while (self->requests.empty()) co_await self->arrived.wait();
    auto request = self->requests.front();
    self->requests.pop_front();
    co_return request;
}

std::size_t http_server::waiting() const noexcept {
    return state_->requests.size();
}

std::size_t http_server::connections() const noexcept {
    return state_->connections;
}

const std::string& http_server::failure() const noexcept {
    return state_->failure;
}

void http_server::stop_listening() {
    listener_.reset();
}

task<> http_server::secure_and_serve(std::shared_ptr<state> self,
                                     std::unique_ptr<byte_stream> plain, std::size_t number) {
    auto context = detail::shared_tls_context(*self->tls);
    auto encrypted =
        std::make_shared<detail::tls_stream>(self->executor, std::move(plain), std::move(context));
    co_await encrypted->handshake();
    std::shared_ptr<byte_stream> stream = encrypted;
    co_await serve(self, stream, number);
}

task<> http_server::serve(std::shared_ptr<state> self, std::shared_ptr<byte_stream> stream,
                          std::size_t number) {
    self->streams.push_back(stream);
    std::string received;
    for (;;) {
        std::size_t head_end = 0;
        for (;;) {
            head_end = received.find("\r\n\r\n");
            const bool whole = head_end != received.npos &&
                               received.size() >= head_end + 4 + content_length(received);
            if (whole) break;
            const auto bytes = co_await stream->read();
            if (bytes.empty()) co_return;
            received += bytes;
        }
        const auto size = content_length(received.substr(0, head_end + 2));
        const auto request =
            std::make_shared<http_request>(self->executor, received.substr(0, head_end + 2),
                                           received.substr(head_end + 4, size), number);
        received.erase(0, head_end + 4 + size);
        self->requests.push_back(request);
        self->arrived.pulse();
        co_await request->decided_.wait();
        if (request->slowly_) {
            for (const char c : request->reply_) {
                const std::string byte(1, c);
                co_await stream->write(byte);
            }
        } else if (!request->reply_.empty()) {
            co_await stream->write(request->reply_);
        }
        if (request->close_after_) {
            co_await stream->close();
            co_return;
        }
    }
}

}  // namespace xmpp::test
