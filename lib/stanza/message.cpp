#include <xmpp/error.hpp>
#include <xmpp/message.hpp>

#include <fmt/format.h>

#include <string>

namespace xmpp {

// An address that is missing by mistake must not become the own account, or everybody.
const std::string& detail::text_of_address(const jid& address) {
    if (address.empty()) {
        throw error(errc::invalid_jid,
                    "it is empty; a stanza to nobody in particular is made without an address");
    }
    return address.str();
}

message::message() : stanza_builder("message") {}

message::message(const jid& to) : stanza_builder("message") {
    set("to", detail::text_of_address(to));
}

presence::presence() : stanza_builder("presence") {}

presence::presence(const jid& to) : stanza_builder("presence") {
    set("to", detail::text_of_address(to));
}

presence& presence::priority(int value) & {
    if (value < -128 || value > 127)
        throw error(errc::bad_format,
                    fmt::format("{} is no priority of presence; it goes from -128 to 127", value));
    return add_text("priority", fmt::format_int(value).c_str());
}

iq::iq(std::string_view type, const jid& to) : stanza_builder("iq") {
    stanza_builder::set("type", type);
    if (!to.empty()) stanza_builder::set("to", to.str());
}

}  // namespace xmpp
