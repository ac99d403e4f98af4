#include <xmpp/error.hpp>

#include "base/event.hpp"
#include "net/resolver.hpp"

#include <asio/ip/tcp.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

/// Shared by the coroutine that waits and the call that can't be stopped.
class lookup : public std::enable_shared_from_this<lookup> {
 public:
    explicit lookup(const asio::any_io_executor& executor) : resolver_(executor), done_(executor) {}

    void start(const std::string& host) {
        resolver_.async_resolve(
            host, "", asio::ip::resolver_base::flags(),
            [self = shared_from_this()](std::error_code failure, const auto& results) {
                self->failure_ = failure;
                for (const auto& result : results) {
                    auto text = result.endpoint().address().to_string();
                    auto& found = self->addresses_;
                    if (std::find(found.begin(), found.end(), text) == found.end()) {
                        found.push_back(std::move(text));
                    }
                }
                self->done_.set();
            });
    }

    task<> wait() { return done_.wait(); }
    std::error_code failure() const noexcept { return failure_; }
    std::vector<std::string> take_addresses() noexcept { return std::move(addresses_); }

 private:
    asio::ip::tcp::resolver resolver_;
    event done_;
    std::error_code failure_;
    std::vector<std::string> addresses_;
};

task<std::vector<std::string>> look_up(asio::any_io_executor executor, std::string host) {
    const auto call = std::make_shared<lookup>(executor);
    call->start(host);
    co_await call->wait();
    auto addresses = call->take_addresses();
    if (addresses.empty()) {
        const auto reason =
            call->failure() ? call->failure().message() : std::string("it has no address");
        throw error(errc::host_not_found, fmt::format("looking up '{}': {}", host, reason));
    }
    co_return addresses;
}

class system_resolver final : public resolver {
 public:
    explicit system_resolver(asio::any_io_executor executor) : executor_(std::move(executor)) {}
    task<std::vector<std::string>> resolve(std::string host) override {
        return look_up(executor_, std::move(host));
    }

 private:
    asio::any_io_executor executor_;
};

}  // namespace

std::shared_ptr<resolver> make_system_resolver(asio::any_io_executor executor) {
    return std::make_shared<system_resolver>(std::move(executor));
}

}  // namespace xmpp::detail
