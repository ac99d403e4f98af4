#include "net/dns/forget_addresses.hpp"

#include <xmpp/error.hpp>

#include "address/domain_name.hpp"
#include "net/dial/ip_text.hpp"
#include "net/dns/name_cache.hpp"

namespace xmpp::detail {

void forget_addresses(const service_url& service, const std::string& domain,
                      const options& settings) {
    auto host = service.host.empty() ? domain : service.host;
    try {
        if (!settings.connect_address().empty()) {
            host = parse_authority(settings.connect_address(), service.port).host;
        }
        if (!as_ip_address(host)) forget_names(domain_to_ascii(host));
    } catch (const error&) {
        return;  // what is no name has no addresses either
    }
}

}  // namespace xmpp::detail
