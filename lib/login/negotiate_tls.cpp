#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "login/negotiation_io.hpp"
#include "login/phases.hpp"

namespace xmpp::detail {

// RFC 6120 5.4.2: <starttls/>, <proceed/>, handshake.
task<> negotiate_tls(transport& wire) {
    wire.forbid_white_space();
    co_await write_element(wire, builder("starttls", ns::tls));
    const auto answer = co_await read_element(wire);
    if (answer->ns() == ns::tls && answer->name() == "failure") {
        throw refusal(error(errc::tls_unavailable, "the server offered TLS and refused it"),
                      answer);
    }
    if (answer->ns() != ns::tls || answer->name() != "proceed") {
        throw unexpected(answer, "<proceed/>");
    }
    co_await wire.start_tls();
}

}  // namespace xmpp::detail
