#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "session/negotiation_io.hpp"
#include "session/phases.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace xmpp::detail {
namespace {

std::optional<jid> bound_jid(const element& result) {
    const element* bound = result.child("bind", ns::bind);
    const element* address = bound ? bound->child("jid") : nullptr;
    return address ? jid::parse(address->text()) : std::nullopt;
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
    const auto answer = co_await ask(wire, std::move(request));
    auto assigned = bound_jid(answer.root());
    if (!assigned || assigned->is_bare() || count_jids(answer.root()) != 1) {
        throw refusal(error(errc::bad_format, "the server bound no usable address"), answer);
    }
    const bool same_account = account.local().empty() || assigned->bare() == account.bare();
    if (!same_account) {
        throw refusal(error(errc::host_mismatch,
                            fmt::format("the server bound '{}', an address of another account",
                                        assigned->str())),
                      answer);
    }
    co_return std::move(*assigned);
}

// RFC 3921 3; RFC 6121 made it a formality.
task<> open_legacy_session(transport& wire) {
    auto request = iq::set();
    request.c("session", ns::session);
    co_await ask(wire, std::move(request));
}

}  // namespace xmpp::detail
