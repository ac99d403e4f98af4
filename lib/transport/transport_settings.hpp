#pragma once

#include <xmpp/options.hpp>

#include "net/tls/tls_settings.hpp"
#include "net/url/service_url.hpp"
#include "xml/parser/limits.hpp"

#include <string>

namespace xmpp::detail {

/// What options say to the parts that a transport is made of.
xml_limits limits_of(const options& settings);
tls_settings tls_settings_of(const options& settings);

/// The name that the certificate of a web server must bear: the option's, or that of the URL, as
/// with every https address. An IP address names nobody: the domain counts then.
std::string web_identity(const service_url& service, const std::string& domain,
                         const options& settings);

}  // namespace xmpp::detail
