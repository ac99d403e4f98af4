#include "explain.hpp"

#include <xmpp/error.hpp>

#include "terminal/text.hpp"

namespace chat {
namespace {

using terminal::safe_text;

std::string_view advice_on_certificate(xmpp::certificate_errc reason) {
    switch (reason) {
        case xmpp::certificate_errc::unknown_issuer:
        case xmpp::certificate_errc::self_signed:
            return "If the server has an authority of its own that you trust, name its certificate "
                   "with --ca FILE.";
        case xmpp::certificate_errc::name_mismatch:
            return "Is this really the server of that domain? See --service and --connect-address.";
        default:
            return {};
    }
}

std::string_view advice_on(xmpp::errc reason) {
    switch (reason) {
        case xmpp::errc::host_not_found:
        case xmpp::errc::connection_refused:
        case xmpp::errc::connect_timeout:
            return "If the server is elsewhere, say where: --service xmpp://HOST:PORT, or "
                   "--connect-address HOST:PORT.";
        case xmpp::errc::tls_unavailable:
            return "For a test on your own machine, --no-tls does without encryption.";
        case xmpp::errc::stream_not_secure:
            return "For a test on your own machine, --plaintext lets the password cross an "
                   "unencrypted link.";
        case xmpp::errc::no_mechanism:
            return "Without encryption only some mechanisms are safe: see --plaintext, and "
                   "--mechanism to choose.";
        default:
            return {};
    }
}

}  // namespace

std::string advice(const std::error_code& reason) {
    if (reason == xmpp::stream_condition::conflict)
        return "Another program has taken the same resource: choose one with --resource NAME.";
    if (reason.category() == xmpp::certificate_category())
        return std::string(
            advice_on_certificate(static_cast<xmpp::certificate_errc>(reason.value())));
    if (reason.category() == xmpp::xmpp_category())
        return std::string(advice_on(static_cast<xmpp::errc>(reason.value())));
    return {};
}

std::string explain(const xmpp::status& step) {
    auto text = safe_text(fmt::format("{}", step));
    const auto what_to_do = advice(step.error);
    if (!what_to_do.empty()) text += "\n" + what_to_do;
    return text;
}

std::string status_report::tell(const xmpp::status& step) {
    // DISCONNECTED repeats why: no need to say it twice.
    const bool is_news = step.error && step.error != told_;
    told_ = step.error;
    if (is_news) return explain(step);
    return verbose_ ? std::string(xmpp::to_string(step.code)) : std::string();
}

}  // namespace chat
