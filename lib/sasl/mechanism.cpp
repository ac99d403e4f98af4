#include "sasl/mechanism.hpp"

#include <xmpp/error.hpp>

namespace xmpp::detail::sasl {

std::string mechanism::respond(std::string_view) {
    throw error(errc::bad_challenge,
                "the server sent a challenge, which " + std::string(name()) + " does not have");
}

void mechanism::finish(std::optional<std::string_view> additional_data) {
    if (!additional_data || additional_data->empty()) return;
    throw error(errc::bad_challenge, "the server sent data with its success, which " +
                                         std::string(name()) + " does not have");
}

}  // namespace xmpp::detail::sasl
