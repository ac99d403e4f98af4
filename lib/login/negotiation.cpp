#include "login/negotiation.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include <array>
#include <string_view>

namespace xmpp::detail {
namespace {

struct feature_row {
    negotiation_step step;
    std::string_view name;
    std::string_view ns;
    std::uint8_t needs;  // the state that must have been reached
    std::uint8_t ends;   // the state in which the step is over
    errc missing;        // when a mandatory step is not offered
};

constexpr std::array table{
    feature_row{negotiation_step::start_tls, "starttls", ns::tls, nothing_yet, encrypted,
                errc::tls_unavailable},
    feature_row{negotiation_step::authenticate_legacy, "auth", ns::iq_auth_feature, nothing_yet,
                authenticated, errc::no_mechanism},
    feature_row{negotiation_step::authenticate, "mechanisms", ns::sasl, nothing_yet, authenticated,
                errc::no_mechanism},
    feature_row{negotiation_step::resume, "sm", ns::sm, authenticated, resume_over,
                errc::not_supported},
    feature_row{negotiation_step::bind, "bind", ns::bind, authenticated, bound, errc::no_bind},
    feature_row{negotiation_step::open_session, "session", ns::session, authenticated | bound,
                session_open, errc::bad_format},
    feature_row{negotiation_step::manage, "sm", ns::sm, authenticated | bound, managed,
                errc::not_supported},
};

bool is_mandatory(const feature_row& row, const element* offer, tls_mode tls) {
    switch (row.step) {
        case negotiation_step::start_tls:
            return tls == tls_mode::required;
        case negotiation_step::authenticate_legacy:
        case negotiation_step::resume:
        case negotiation_step::manage:
            return false;
        case negotiation_step::open_session:
            return offer && !offer->child("optional");
        default:
            return true;
    }
}

bool offers_sasl(const stanza& features) {
    const element* mechanisms = features->child("mechanisms", ns::sasl);
    return mechanisms && mechanisms->child("mechanism");
}

bool is_wanted(const feature_row& row, const element* offer, tls_mode tls, bool legacy_auth) {
    if (row.step == negotiation_step::authenticate_legacy) return legacy_auth;
    if (row.step == negotiation_step::start_tls) return offer && tls != tls_mode::disabled;
    if (row.step == negotiation_step::resume || row.step == negotiation_step::manage) return offer;
    return offer && is_mandatory(row, offer, tls);
}

}  // namespace

negotiation_step next_step(const stanza& features, std::uint8_t state, tls_mode tls,
                           bool legacy_auth) {
    const bool only_legacy = features->child("auth", ns::iq_auth_feature) && !offers_sasl(features);
    for (const auto& row : table) {
        const bool reached = (state & row.needs) == row.needs;
        const bool over = (state & row.ends) == row.ends;
        if (!reached || over) continue;
        const element* offer = features->child(row.name, row.ns);
        if (is_wanted(row, offer, tls, legacy_auth && only_legacy)) return row.step;
        if (!is_mandatory(row, offer, tls)) continue;
        switch (row.missing) {
            case errc::tls_unavailable:
                throw error(row.missing,
                            "TLS is required; if the server can only do without, see "
                            "options::tls, or use an xmpps:// service");
            case errc::no_mechanism:
                throw error(row.missing,
                            only_legacy ? "the server offers nothing but the login of before SASL "
                                          "(XEP-0078), which options::allow_legacy_auth would allow"
                                        : "the server announces no authentication mechanism");
            default:
                throw error(row.missing, "the server does not offer to bind a resource");
        }
    }
    return negotiation_step::done;
}

std::string describe_features(const stanza& features) {
    constexpr std::size_t max_shown = 32;
    std::string names;
    std::size_t shown = 0;
    for (const auto& each : features->children()) {
        if (shown++ == max_shown) break;
        if (!names.empty()) names += ", ";
        names += each.name();
    }
    return names.empty() ? std::string("none") : names;
}

}  // namespace xmpp::detail
