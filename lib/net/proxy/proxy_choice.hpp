#pragma once

#include "net/url/proxy_url.hpp"
#include "net/url/service_url.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// The value of a variable of the environment; empty where there is none.
using environment = std::function<std::string(const char* name)>;

/// That of the process.
std::string environment_of_process(const char* name);

/// The proxy on the way to a WebSocket service, by the rules of libcurl: `option` where it is not
/// empty; else, for wss, the first that is set of wss_proxy, WSS_PROXY, https_proxy, HTTPS_PROXY,
/// all_proxy, ALL_PROXY; for ws of ws_proxy, WS_PROXY, http_proxy (in this spelling only: the other
/// could come from a request to a CGI script), all_proxy, ALL_PROXY. None for hosts in no_proxy or
/// NO_PROXY.
/// \throws error(errc::invalid_options) for a URL that can't be used
std::optional<proxy_url> proxy_for(const service_url& service, const std::string& option,
                                   const environment& variables);

/// Whether a list like that of no_proxy names the host: "*" for all; names, which stand for what is
/// below them too; addresses, also with a prefix length ("10.0.0.0/8"). Separated by commas or
/// white space, in any case.
bool is_in_no_proxy(std::string_view host, std::string_view list);

}  // namespace xmpp::detail
