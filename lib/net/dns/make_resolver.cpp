#include <xmpp/error.hpp>

#include "net/dns/resolver.hpp"

#include <utility>

namespace xmpp::detail {

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host.ends_with(".localhost");
}

std::shared_ptr<resolver> make_resolver(const asio::any_io_executor& executor,
                                        [[maybe_unused]] std::shared_ptr<clock> time,
                                        const std::vector<std::string>& servers) {
#ifdef XMPP_HAVE_CARES
    return make_cares_resolver(executor, std::move(time), servers);
#else
    if (!servers.empty()) {
        throw error(errc::not_supported, "this build, without c-ares, can't ask name servers");
    }
    return make_system_resolver(executor);
#endif
}

}  // namespace xmpp::detail
