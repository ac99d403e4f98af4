#include "transport/shared/shared_failure.hpp"

#include <xmpp/error.hpp>

#include <asio/error.hpp>

#include <array>
#include <string_view>

namespace xmpp::detail::shared {
namespace {

std::error_code code_of(const ended& why) {
    const std::array<const std::error_category*, 11> known{
        &xmpp_category(),
        &certificate_category(),
        &stream_category(),
        &stanza_category(),
        &sasl_category(),
        &bosh_category(),
        &std::system_category(),
        &std::generic_category(),
        &asio::error::get_netdb_category(),
        &asio::error::get_addrinfo_category(),
        &asio::error::get_misc_category(),
    };
    for (const auto* category : known) {
        if (why.category == category->name()) return {static_cast<int>(why.value), *category};
    }
    return errc::connection_lost;
}

/// Statuses say the code's message first, and so does the exception.
std::string without_message(std::string text, const std::string& message) {
    constexpr std::string_view between = " - ";
    if (text == message) return {};
    if (text.starts_with(message + std::string(between))) {
        text.erase(0, message.size() + between.size());
    }
    return text;
}

std::optional<stanza> element_of(const ended& why) {
    if (why.element.empty()) return std::nullopt;
    return stanza::parse(why.element);
}

}  // namespace

ended tell(const std::error_code& code, const std::string& condition, const std::string& text,
           const std::optional<stanza>& element, bool of_login) {
    ended why;
    why.of_login = of_login ? 1 : 0;
    why.category = code.category().name();
    why.value = static_cast<std::uint32_t>(code.value());
    why.condition = condition;
    why.text = text;
    if (element) why.element = element->root().to_xml();
    return why;
}

ended tell(const error& why) {
    return tell(why.code(), std::string(why.condition()), std::string(why.explanation()), {},
                false);
}

shared_failure told(const ended& why) {
    const auto code = code_of(why);
    const error reported(code, why.condition, {}, without_message(why.text, code.message()));
    return shared_failure(reported, element_of(why), why.of_login != 0);
}

}  // namespace xmpp::detail::shared
