#pragma once

#include <xmpp/options.hpp>

#include "net/url/service_url.hpp"

#include <string_view>

namespace xmpp::detail {

/// Whether it is a URL without scheme and host.
bool is_relative_service(std::string_view service) noexcept;

/// The service that a program means: a URL as it is, also one of a transport of its own, or a
/// relative one (RFC 3986 4.2), which options::base_url completes and options::protocol gives its
/// scheme.
/// \throws error(errc::invalid_service) for what names no transport, for a relative one without a
///         usable base, and for a protocol that there is none of
service_url resolve_service(std::string_view service, const options& settings);

}  // namespace xmpp::detail
