#pragma once

#include <xmpp/task.hpp>

#include "net/dial/endpoint.hpp"
#include "net/dns/dns_answer.hpp"
#include "net/dns/resolver.hpp"
#include "net/dns/srv_order.hpp"

#include <asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace xmpp::detail {

/// Where a domain's service may be reached.
struct discovered {
    std::vector<endpoint> places;  // in the order to try them
    std::string account;           // what was looked up and found, for people; may be empty
};

/// What was asked, and the answer.
struct service_answer {
    std::string name;
    bool direct_tls = false;
    srv_answer answer;
};

/// Asks for the domain's XMPP services (RFC 6120 3.2.1, XEP-0368): those of STARTTLS, and where
/// `with_direct_tls` those of direct TLS. A domain that is an IP address or "localhost" is the
/// place itself, and nobody is asked.
///
/// \throws xmpp::error as choose_places()
task<discovered> discover(asio::any_io_executor executor, std::string domain, bool with_direct_tls,
                          std::shared_ptr<resolver> names);

/// What follows from the answers. Of all records, ten are tried.
///
/// Without any record, the domain itself on port 5222 (RFC 6120 3.2.2).
/// \throws xmpp::error(errc::no_service) when the domain says that it has no such service,
///         xmpp::error(errc::host_not_found) when a name server failed and none knew of records, or
///         when no record can be used
discovered choose_places(const std::string& domain, const std::vector<service_answer>& answers,
                         const random_number& random);

}  // namespace xmpp::detail
