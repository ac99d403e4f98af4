#include "net/proxy_choice.hpp"

#include "base/ascii.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace xmpp::detail {
namespace {

/// An address as bytes.
struct address_bytes {
    std::array<unsigned char, 16> bytes{};
    std::size_t size = 0;  // 4 or 16
};

std::optional<address_bytes> parse_address(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    const std::string terminated(text);
    address_bytes parsed;
    if (inet_pton(AF_INET, terminated.c_str(), parsed.bytes.data()) == 1) {
        parsed.size = 4;
        return parsed;
    }
    if (inet_pton(AF_INET6, terminated.c_str(), parsed.bytes.data()) == 1) {
        parsed.size = 16;
        return parsed;
    }
    return std::nullopt;
}

bool same_bits(const address_bytes& a, const address_bytes& b, std::size_t bits) {
    const auto whole = bits / 8;
    if (std::memcmp(a.bytes.data(), b.bytes.data(), whole) != 0) return false;
    const auto rest = bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<unsigned char>(0xFFU << (8 - rest));
    return ((a.bytes.at(whole) ^ b.bytes.at(whole)) & mask) == 0;
}

bool names_address(const address_bytes& host, std::string_view entry) {
    const auto slash = entry.find('/');
    const auto network = parse_address(entry.substr(0, slash));
    if (!network || network->size != host.size) return false;
    std::size_t bits = host.size * 8;
    if (slash != entry.npos) {
        const auto length = entry.substr(slash + 1);
        const auto limit = bits;
        const auto [end, failure] =
            std::from_chars(length.data(), length.data() + length.size(), bits);
        const bool all = end == length.data() + length.size();
        if (failure != std::errc() || !all || length.empty() || bits > limit) return false;
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
    const auto address = parse_address(host);
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
