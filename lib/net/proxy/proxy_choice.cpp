#include "net/proxy/proxy_choice.hpp"

#include "base/ascii.hpp"
#include "base/whole_number.hpp"
#include "net/dial/ip_text.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>

namespace xmpp::detail {
namespace {

std::optional<std::string> bytes_of(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    return ip_address_bytes(std::string(text));
}

bool same_bits(std::string_view a, std::string_view b, std::size_t bits) {
    const auto whole = bits / 8;
    if (a.substr(0, whole) != b.substr(0, whole)) return false;
    const auto rest = bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<unsigned char>(0xFFU << (8 - rest));
    return ((a[whole] ^ b[whole]) & mask) == 0;
}

bool names_address(const std::string& host, std::string_view entry) {
    const auto slash = entry.find('/');
    const auto network = bytes_of(entry.substr(0, slash));
    if (!network || network->size() != host.size()) return false;
    std::size_t bits = host.size() * 8;
    if (slash != entry.npos) {
        const auto length = whole_number<std::size_t>(entry.substr(slash + 1));
        if (!length || *length > bits) return false;
        bits = *length;
    }
    return same_bits(host, *network, bits);
}

std::string_view without_last_dot(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return name;
}

bool names_host(std::string_view host, std::string_view entry) {
    host = without_last_dot(host);
    entry = without_last_dot(entry);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty() || host.size() < entry.size()) return false;
    const auto above = host.size() - entry.size();
    if (!equal_in_any_case(host.substr(above), entry)) return false;
    return above == 0 || host[above - 1] == '.';
}

struct named_value {
    const char* name = nullptr;
    std::string value;
};

template <class Names>
named_value first_set(const Names& names, const environment& variables) {
    for (const char* name : names) {
        if (auto value = variables(name); !value.empty()) return {name, std::move(value)};
    }
    return {};
}

named_value proxy_in(const environment& variables, bool secure) {
    constexpr std::array for_wss{"wss_proxy",   "WSS_PROXY", "https_proxy",
                                 "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    constexpr std::array for_ws{"ws_proxy", "WS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"};
    return secure ? first_set(for_wss, variables) : first_set(for_ws, variables);
}

}  // namespace

std::string environment_of_process(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : std::string();
}

std::optional<proxy_url> proxy_for(const service_url& service, const std::string& option,
                                   const environment& variables) {
    named_value chosen{"options::proxy", option};
    if (option.empty()) chosen = proxy_in(variables, service.direct_tls());
    if (chosen.value.empty()) return std::nullopt;
    constexpr std::array exceptions{"no_proxy", "NO_PROXY"};
    if (is_in_no_proxy(service.host, first_set(exceptions, variables).value)) return std::nullopt;
    return proxy_url::parse(chosen.value, chosen.name);
}

bool is_in_no_proxy(std::string_view host, std::string_view list) {
    constexpr std::string_view separators = ", \t";
    if (list == "*") return true;
    const auto address = bytes_of(host);
    while (!list.empty()) {
        const auto begin = list.find_first_not_of(separators);
        if (begin == list.npos) return false;
        list.remove_prefix(begin);
        const auto entry = list.substr(0, list.find_first_of(separators));
        list.remove_prefix(entry.size());
        if (address ? names_address(*address, entry) : names_host(host, entry)) return true;
    }
    return false;
}

}  // namespace xmpp::detail
