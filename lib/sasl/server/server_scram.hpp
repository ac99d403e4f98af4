#pragma once

#include "sasl/scram/scram_hash.hpp"
#include "sasl/server/server_mechanism.hpp"

namespace xmpp::detail::sasl {

std::unique_ptr<server_mechanism> make_server_scram(const scram_variant& variant, bool plus,
                                                    const server_settings& settings);

}  // namespace xmpp::detail::sasl
