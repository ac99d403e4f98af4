#pragma once

#include <xmpp/task.hpp>

#include "net/dns/resolver.hpp"

#include <memory>
#include <string>
#include <vector>

namespace xmpp::detail {

/// All addresses of a host, as they come. Ends at once when cancelled.
/// \throws xmpp::error(errc::host_not_found) when it has none
task<std::vector<std::string>> find_addresses(std::shared_ptr<resolver> names, std::string host);

}  // namespace xmpp::detail
