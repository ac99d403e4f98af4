// Addresses and service URLs: what is accepted is the same after being written and read again.
#include <xmpp/bosh_session.hpp>
#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>

#include "net/url/service_url.hpp"
#include "target.hpp"

using namespace xmpp;

namespace {

void check_jid(std::string_view input) {
    const auto address = jid::parse(input);
    if (!address) return;
    const auto again = jid::parse(address->str());
    if (!again || *again != *address) fuzz::fail("an address changes when it is read again");
    if (unescape_local(escape_local(address->local())) != address->local()) {
        fuzz::fail("a local part changes when it is escaped and unescaped");
    }
}

void check_url(std::string_view input) {
    try {
        const auto url = detail::service_url::parse(input);
        if (detail::service_url::parse(url.str()).str() != url.str()) {
            fuzz::fail("a service URL changes when it is read again");
        }
    } catch (const error&) {
        return;
    }
}

void check_session(std::string_view input) {
    const auto session = bosh_session::parse(input);
    if (!session) return;
    const auto again = bosh_session::parse(session->str());
    if (!again || again->str() != session->str()) fuzz::fail("a session changes when read again");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::as_text(data, size);
    check_jid(input);
    check_url(input);
    check_session(input);
    return 0;
}
