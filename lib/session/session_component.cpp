#include <xmpp/error.hpp>

#include "address/received_jid.hpp"
#include "login/phases.hpp"
#include "sasl/credentials_data.hpp"
#include "session/session.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

// What is different for a component (XEP-0114): it proves a secret of its own, binds nothing, and
// speaks for every address of its domain.
namespace xmpp::detail {

/// Components and users have services of their own.
void session::check_component(const credentials& who, const service_url& place) const {
    const bool component = credentials_data::of(who).kind == credentials_kind::component;
    const bool for_components = place.for_components();
    if (component && !for_components) {
        throw error(errc::invalid_options,
                    "credentials::component needs a service component://host[:port]");
    }
    if (for_components && !component) {
        throw error(
            errc::invalid_options,
            fmt::format("'{}' lets in components only: see credentials::component", service_));
    }
}

// XEP-0114 section 3: headers, and the proof.
task<> session::negotiate_component(credentials who) {
    const auto wire = link_->wire();
    if (const auto how = wire->encryption(); !how.empty()) {
        observers.log(log_level::info, "encrypted: {}", how);
    } else if (settings_.tls() != tls_mode::required) {
        observers.log(log_level::warning,
                      "not encrypted: who can listen can read all, and guess at the secret");
    }
    doing_ = "waiting for the stream header";
    auto stream_id = co_await open_component_stream(*wire, header());
    doing_ = "logging in";
    report(status(status_code::authenticating));
    co_await authenticate_component(*wire, std::move(who), std::move(stream_id), observers);
    authenticated_ = true;
    user_ = account_;
}

/// Says for whom a stanza speaks. A server ends the stream over an address that is not the
/// component's, and with it everybody's session who is behind it: such a stanza does not leave.
void session::sign(builder& element) const {
    const auto from = element.from();
    if (from.empty()) {
        element.set_root_attr("from", user_.str());
        return;
    }
    const auto sender = received_jid(from);
    if (sender && sender->domain() == user_.domain()) return;
    throw error(stream_condition::invalid_from,
                fmt::format("'{}' is no address at {}, which is all that this component may speak "
                            "for",
                            from, user_.domain()));
}

}  // namespace xmpp::detail
