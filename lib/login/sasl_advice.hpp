#pragma once

#include <xmpp/error.hpp>

#include <string_view>

namespace xmpp::detail {

/// What a person can do about a login that the server has refused.
std::string_view sasl_advice(sasl_condition reason) noexcept;

}  // namespace xmpp::detail
