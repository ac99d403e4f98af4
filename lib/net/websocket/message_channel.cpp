#include <xmpp/error.hpp>
#include <xmpp/options.hpp>

#include "base/ascii.hpp"
#include "net/url/service_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace xmpp {
namespace {

bool is_lowercase_letter(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_scheme(std::string_view name) {
    return !name.empty() && is_lowercase_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_lowercase_letter(c) || detail::is_digit(c) || c == '+' || c == '-' ||
                      c == '.';
           });
}

}  // namespace

options& options::register_transport(std::string scheme, transport_function open) {
    if (!is_scheme(scheme)) {
        throw error(errc::invalid_options,
                    fmt::format("'{}' can't begin a URL: a-z, 0-9, '+', '-', '.'", scheme));
    }
    if (detail::is_known_scheme(scheme)) {
        throw error(errc::invalid_options,
                    fmt::format("{}:// has a transport, which can't be replaced", scheme));
    }
    if (!open) {
        throw error(errc::invalid_options, fmt::format("the transport {} has no function", scheme));
    }
    std::erase_if(registered_transports_,
                  [&](const registered_transport& each) { return each.scheme == scheme; });
    registered_transports_.push_back({std::move(scheme), std::move(open)});
    return *this;
}

}  // namespace xmpp
