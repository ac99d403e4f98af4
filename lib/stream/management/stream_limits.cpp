#include "stream/management/stream_limits.hpp"

#include <xmpp/ns.hpp>

#include "base/ascii.hpp"
#include "base/whole_number.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace xmpp::detail {
namespace {

template <class Number>
std::optional<Number> positive_number(const element& limits, std::string_view name) noexcept {
    const element* child = limits.child(name);
    if (!child) return std::nullopt;
    const auto value = whole_number<Number>(trimmed(child->text(), " \t\r\n"));
    return value > Number{0} ? value : std::nullopt;
}

}  // namespace

stream_limits announced_limits(const stanza& features) noexcept {
    stream_limits found;
    const element* limits = features->child("limits", ns::stream_limits);
    if (!limits) return found;
    if (const auto bytes = positive_number<std::size_t>(*limits, "max-bytes")) {
        found.max_bytes = *bytes;
    }
    // 32 bits are 136 years, which clocks can still add to a time.
    if (const auto seconds = positive_number<std::uint32_t>(*limits, "idle-seconds")) {
        found.idle = std::chrono::seconds(*seconds);
    }
    return found;
}

}  // namespace xmpp::detail
