#include "transport/transport_settings.hpp"

#include "net/dial/ip_text.hpp"

namespace xmpp::detail {

xml_limits limits_of(const options& settings) {
    xml_limits limits;
    limits.stanza_bytes = settings.max_stanza_bytes();
    limits.depth = settings.max_depth();
    limits.attributes = settings.max_attributes();
    limits.name_bytes = settings.max_name_bytes();
    limits.attribute_bytes = settings.max_attribute_bytes();
    return limits;
}

tls_settings tls_settings_of(const options& settings) {
    tls_settings tls;
    tls.ca_file(settings.ca_file()).ca_pem(settings.ca_pem()).configure(settings.configure_tls());
    if (!settings.client_certificate().empty()) {
        tls.certificate_files(settings.client_certificate(), settings.client_key());
    }
    return tls;
}

std::string web_identity(const service_url& service, const std::string& domain,
                         const options& settings) {
    if (!settings.verify_name().empty()) return settings.verify_name();
    return as_ip_address(service.host) ? domain : service.host;
}

}  // namespace xmpp::detail
