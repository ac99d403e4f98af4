#pragma once

#include <xmpp/sasl_mechanism.hpp>

#include "sasl/choice.hpp"
#include "transport/trace.hpp"

#include <memory>

namespace xmpp::detail {

/// One interface for the exchange, whoever brought the mechanism: the library's, whose steps
/// compute and wait for nobody, or the program's, whose exceptions become login_error. What is
/// passed must outlive it.
std::unique_ptr<sasl_mechanism> steps_of(const sasl::selection& chosen, const trace& observers);

}  // namespace xmpp::detail
