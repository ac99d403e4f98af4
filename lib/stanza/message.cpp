#include <xmpp/error.hpp>
#include <xmpp/message.hpp>

#include <fmt/format.h>

namespace xmpp {

message::message(const jid& to) : stanza_builder("message") {
    if (!to.empty()) set("to", to.str());
}

presence::presence(const jid& to) : stanza_builder("presence") {
    if (!to.empty()) set("to", to.str());
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
