#include "net/dns/find_addresses.hpp"

#include <xmpp/error.hpp>

#include "base/event.hpp"

#include <asio/this_coro.hpp>
#include <fmt/format.h>

namespace xmpp::detail {

task<std::vector<std::string>> find_addresses(std::shared_ptr<resolver> names, std::string host) {
    const auto executor = co_await asio::this_coro::executor;
    event done(executor);
    std::vector<std::string> found;
    std::string problem;
    auto collect = [&](const address_answer& part, bool last) {
        found.insert(found.end(), part.addresses.begin(), part.addresses.end());
        if (part.addresses.empty()) problem = reason_of(part);
        if (last) done.set();
    };
    const auto question = names->addresses(host, resolver::completion::allowed, collect);
    co_await done.wait();
    if (found.empty()) {
        throw error(errc::host_not_found, fmt::format("looking up '{}': {}", host, problem));
    }
    co_return found;
}

}  // namespace xmpp::detail
