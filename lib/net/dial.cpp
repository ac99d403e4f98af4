#include "net/dial.hpp"

#include <xmpp/error.hpp>

#include "net/tcp_socket.hpp"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

bool is_v6(std::string_view address) {
    return address.find(':') != std::string_view::npos;
}

/// The address itself when `host` is one.
std::optional<std::string> as_address(std::string host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    std::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address) return std::nullopt;
    return host;
}

/// What became of everything that was tried.
class attempts {
 public:
    void host_failed(const error& failure) { add(std::string(failure.explanation())); }

    void address_failed(const endpoint& place, const asio::ip::tcp::endpoint& address,
                        const std::error_code& failure) {
        reached_an_address_ = true;
        add(fmt::format("'{}' port {} at {}: {}", place.host(), place.port(), to_text(address),
                        failure.message()));
    }

    error summary() const {
        if (text_.empty()) return error(errc::host_not_found, "there is no endpoint to try");
        return error(reached_an_address_ ? errc::connection_refused : errc::host_not_found, text_);
    }

 private:
    void add(const std::string& line) {
        if (!text_.empty()) text_ += "; ";
        text_ += line;
    }

    std::string text_;
    bool reached_an_address_ = false;
};

/// The addresses of one endpoint, in the order to try; none when the look-up failed, which is
/// noted.
task<std::vector<std::string>> find_addresses(const endpoint& place, resolver& names,
                                              attempts& log) {
    if (auto address = as_address(place.host())) co_return std::vector<std::string>(1, *address);
    try {
        auto found = co_await names.resolve(place.host());
        co_return interleave(found);
    } catch (const error& failure) {
        log.host_failed(failure);
    }
    co_return std::vector<std::string>();
}

task<std::unique_ptr<tcp_stream>> try_address(const endpoint& place, std::string address,
                                              attempts& log) {
    auto executor = co_await asio::this_coro::executor;
    std::error_code failure;
    const auto parsed = asio::ip::make_address(address, failure);
    const asio::ip::tcp::endpoint target(parsed, place.port());
    asio::ip::tcp::socket socket(executor);
    if (!failure) {
        co_await socket.async_connect(target, asio::redirect_error(asio::use_awaitable, failure));
    }
    if (failure == asio::error::operation_aborted) throw std::system_error(failure);
    if (failure) {
        log.address_failed(place, target, failure);
        co_return nullptr;
    }
    co_return make_tcp_stream(std::move(socket));
}

}  // namespace

task<std::unique_ptr<tcp_stream>> dial(std::vector<endpoint> endpoints,
                                       std::shared_ptr<resolver> names) {
    attempts log;
    for (const auto& place : endpoints) {
        auto addresses = co_await find_addresses(place, *names, log);
        for (auto& address : addresses) {
            auto connected = co_await try_address(place, address, log);
            if (connected) co_return connected;
        }
    }
    throw log.summary();
}

std::vector<std::string> interleave(const std::vector<std::string>& addresses) {
    if (addresses.empty()) return {};
    const bool first_family = is_v6(addresses.front());
    std::vector<std::string> first, second, mixed;
    for (const auto& address : addresses) {
        (is_v6(address) == first_family ? first : second).push_back(address);
    }
    for (std::size_t i = 0; i < first.size() || i < second.size(); ++i) {
        if (i < first.size()) mixed.push_back(first[i]);
        if (i < second.size()) mixed.push_back(second[i]);
    }
    return mixed;
}

}  // namespace xmpp::detail
