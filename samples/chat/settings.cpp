#include "settings.hpp"

#include <utility>

namespace chat {

bool needs_password(const settings& what) {
    return !what.user.local().empty();
}

xmpp::options connection_options(const settings& what) {
    xmpp::options result;
    result.connect_address(what.connect_address)
        .ca_file(what.ca_file)
        .ca_pem(what.ca_pem)
        .mechanisms(what.mechanisms)
        .allow_plaintext_auth(what.plaintext);
    if (what.no_tls) result.tls(xmpp::tls_mode::disabled);
    return result;
}

xmpp::credentials login_credentials(const settings& what, std::string password) {
    auto result = needs_password(what)
                      ? xmpp::credentials(what.user, std::move(password))
                      : xmpp::credentials::anonymous(std::string(what.user.domain()));
    if (!what.resource.empty()) result.resource(what.resource);
    return result;
}

}  // namespace chat
