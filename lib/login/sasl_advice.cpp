#include "login/sasl_advice.hpp"

namespace xmpp::detail {

// RFC 6120 6.5 tells what each means.
std::string_view sasl_advice(sasl_condition reason) noexcept {
    switch (reason) {
        case sasl_condition::aborted:
            return "the server gave the exchange up; try again, or another mechanism "
                   "(options::mechanisms)";
        case sasl_condition::account_disabled:
            return "only the server's operator can enable it again";
        case sasl_condition::credentials_expired:
            return "get a new password or token, or drop the stored keys and log in with the "
                   "password";
        case sasl_condition::encryption_required:
            return "allow TLS (options::tls), or use an xmpps:// service";
        case sasl_condition::incorrect_encoding:
            return "the mechanism and the server disagree on their format: try another mechanism "
                   "(options::mechanisms)";
        case sasl_condition::invalid_authzid:
            return "check credentials::authzid: it is malformed, or not an address that this user "
                   "may act for";
        case sasl_condition::invalid_mechanism:
            return "the server refuses what it offered, or wants another kind of credentials: try "
                   "another mechanism (options::mechanisms)";
        case sasl_condition::malformed_request:
            return "the mechanism and the server disagree on their format: try another mechanism "
                   "(options::mechanisms)";
        case sasl_condition::mechanism_too_weak:
            return "the server wants a stronger mechanism for this account: leave more of them to "
                   "choose from (options::mechanisms)";
        case sasl_condition::not_authorized:
            return "check the address and the password, token or certificate";
        case sasl_condition::temporary_auth_failure:
            return "the server can't check anybody at the moment; the credentials may be right";
    }
    return {};
}

}  // namespace xmpp::detail
