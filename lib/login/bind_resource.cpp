#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "address/received_jid.hpp"
#include "base/ascii.hpp"
#include "login/negotiation_io.hpp"
#include "login/phases.hpp"
#include "sasl/account.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace xmpp::detail {
namespace {

/// RFC 6120 prints the address on a line of its own. White space can't begin one, and line breaks
/// can't end one, but a space may be the end of a resource.
std::string_view as_on_one_line(std::string_view text) {
    constexpr std::string_view white_space = " \t\r\n";
    constexpr std::string_view breaks = "\t\r\n";
    const auto inner = trimmed(text, white_space);
    if (inner.empty()) return inner;
    const auto begin = static_cast<std::size_t>(inner.data() - text.data());
    const auto tail = text.substr(begin + inner.size());
    const bool printed = begin > 0 || tail.find_first_of(breaks) != tail.npos;
    return printed ? inner : text;
}

std::optional<jid> bound_jid(const element& result) {
    const element* bound = result.child("bind", ns::bind);
    const element* address = bound ? bound->child("jid") : nullptr;
    return address ? received_jid(as_on_one_line(address->text())) : std::nullopt;
}

std::size_t count_jids(const element& result) {
    std::size_t count = 0;
    const element* bound = result.child("bind", ns::bind);
    if (!bound) return 0;
    for (const auto& child : bound->children()) count += child.name() == "jid" ? 1u : 0u;
    return count;
}

}  // namespace

// RFC 6120 7: resource binding. The server's answer always wins.
task<jid> bind_resource(transport& wire, jid account, std::string resource) {
    auto request = iq::set();
    request.c("bind", ns::bind);
    if (!resource.empty()) request.child("resource", resource);
    const auto answer = co_await ask(wire, account, std::move(request));
    auto assigned = bound_jid(answer.root());
    if (!assigned || assigned->is_bare() || count_jids(answer.root()) != 1) {
        throw refusal(error(errc::bad_format, "the server bound no usable address"), answer);
    }
    if (!is_of_account(*assigned, account)) {
        throw refusal(error(errc::host_mismatch,
                            fmt::format("the server bound '{}', an address of another account",
                                        assigned->str())),
                      answer);
    }
    co_return std::move(*assigned);
}

// RFC 3921 3; RFC 6121 made it a formality.
task<> open_legacy_session(transport& wire, jid account) {
    auto request = iq::set();
    request.c("session", ns::session);
    co_await ask(wire, std::move(account), std::move(request));
}

}  // namespace xmpp::detail
