#pragma once

#include <xmpp/options.hpp>

#include "net/url/service_url.hpp"

#include <string>

namespace xmpp::detail {

/// A link to the service came to nothing: what is known of its addresses is asked anew the next
/// time.
void forget_addresses(const service_url& service, const std::string& domain,
                      const options& settings);

}  // namespace xmpp::detail
