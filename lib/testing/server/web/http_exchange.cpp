#include "testing/server/web/http_exchange.hpp"

#include <xmpp/error.hpp>

#include "base/whole_number.hpp"
#include "net/http/http_head.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace xmpp::detail::serving {
namespace {

constexpr std::size_t most_posted = std::size_t{16} << 20U;

std::size_t length_of(const http_head& request) {
    const auto length = whole_number<std::size_t>(request.value("Content-Length"));
    if (!length) throw error(errc::bad_format, "a request must say how long it is");
    if (*length > most_posted) throw error(errc::bad_format, "a request of more than 16 MiB");
    return *length;
}

/// What was posted; nothing when the client has hung up. `early` is what came with the request
/// before, and with this one.
task<std::optional<std::string>> read_posted(byte_stream& bytes, std::string& early) {
    http_head_reader reader("POST ");
    early.erase(0, reader.feed(early));
    while (!reader.complete()) {
        const auto received = co_await bytes.read();
        if (received.empty()) co_return std::nullopt;
        early = received.substr(reader.feed(received));
    }
    const auto length = length_of(reader.head());
    if (reader.head().lists("Expect", "100-continue")) {
        co_await bytes.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    while (early.size() < length) {
        const auto received = co_await bytes.read();
        if (received.empty()) co_return std::nullopt;
        early += received;
    }
    auto posted = early.substr(0, length);
    early.erase(0, length);
    co_return posted;
}

}  // namespace

task<> serve_http(std::shared_ptr<byte_stream> bytes, http_answerer answer) {
    std::string early;
    for (;;) {
        auto posted = co_await read_posted(*bytes, early);
        if (!posted) break;
        const auto content = co_await answer(std::move(*posted));
        if (!content) {
            bytes->abort();
            co_return;
        }
        const auto response = fmt::format(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\n"
            "\r\n{}",
            content->size(), *content);
        co_await bytes->write(response);
    }
    co_await bytes->close();
}

}  // namespace xmpp::detail::serving
