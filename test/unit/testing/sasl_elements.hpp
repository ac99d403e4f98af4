#pragma once

#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include "base/crypto/base64.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

/// \file
/// What a login is made of, as the tests of the server write and read it.

namespace xmpp::testing {

inline std::vector<std::string> offered_mechanisms(const stanza& features) {
    std::vector<std::string> names;
    if (const auto* list = features->child("mechanisms", ns::sasl)) {
        for (const auto& each : list->children("mechanism")) names.emplace_back(each.text());
    }
    return names;
}

inline std::vector<std::string> offered_bindings(const stanza& features) {
    std::vector<std::string> types;
    if (const auto* list = features->child("sasl-channel-binding", ns::channel_binding)) {
        for (const auto& each : list->children("channel-binding")) {
            types.emplace_back(each.attr("type"));
        }
    }
    return types;
}

inline std::string failure(std::string_view condition) {
    return fmt::format("<failure xmlns='{}'><{}/></failure>", ns::sasl, condition);
}

inline std::string auth(std::string_view mechanism, std::string_view payload) {
    return fmt::format("<auth xmlns='{}' mechanism='{}'>{}</auth>", ns::sasl, mechanism, payload);
}

inline std::string plain(const std::string& user, const std::string& password,
                         const std::string& authzid = "") {
    const std::string nul(1, '\0');
    return auth("PLAIN", detail::base64_encode(authzid + nul + user + nul + password));
}

}  // namespace xmpp::testing
