#pragma once

#include <xmpp/options.hpp>

#include "net/url/service_url.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace xmpp::detail {

/// The kinds of services, as bits.
enum service_kind : std::uint8_t {
    over_tcp = 1,        // discovered, xmpp, xmpps
    over_websocket = 2,  // ws, wss
    over_http = 4,       // http, https
    for_component = 8,
    through_broker = 16,  // unix, and all others with options::worker
    of_program = 32,      // registered
};

/// Where an option has a meaning, and what becomes of it elsewhere.
struct option_scope {
    std::string_view name;
    std::uint8_t kinds = 0xFF;                 // of services that it has a meaning for
    bool (*is_set)(const options&) = nullptr;  // null: ignored elsewhere, as nothing is lost
    std::string_view why = {};                 // it is refused elsewhere
};

/// A row for every option.
std::span<const option_scope> option_scopes() noexcept;

service_kind kind_of(const service_url& service, const options& settings) noexcept;

/// Refuses options that the service can't honour, and that would let the program believe in
/// secrecy, a way or a login that there is not.
/// \throws error(errc::invalid_options) that names the option
void check_options(const service_url& service, const options& settings);

}  // namespace xmpp::detail
