#pragma once

#include <fmt/format.h>

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp {
namespace detail {
struct jid_parser;
}

/// An XMPP address, `local@domain/resource` (RFC 7622), kept in its normal form: equal addresses
/// compare equal. Immutable but for assignment; empty when default-constructed.
class jid {
 public:
    jid() = default;
    /// Implicit from text, so that addresses can be written as literals.
    /// \throws xmpp::error(errc::invalid_jid) saying which part is wrong; text that is not a
    /// literal
    ///         of yours is better given to parse().
    jid(const char* text);
    jid(std::string_view text);
    jid(const std::string& text);

    /// The address, or nothing when `text` is not one.
    static std::optional<jid> parse(std::string_view text);

    std::string_view local() const noexcept;
    std::string_view domain() const noexcept;
    std::string_view resource() const noexcept;

    /// Without the resource.
    jid bare() const;
    bool is_bare() const noexcept { return resource_at_ == 0; }
    bool empty() const noexcept { return text_.empty(); }

    /// With another resource; an empty one gives the bare address.
    /// \throws xmpp::error(errc::invalid_jid)
    jid with_resource(std::string_view resource) const;

    const std::string& str() const noexcept { return text_; }

    friend bool operator==(const jid& a, const jid& b) noexcept { return a.text_ == b.text_; }
    friend std::strong_ordering operator<=>(const jid& a, const jid& b) noexcept {
        return a.text_ <=> b.text_;
    }

 private:
    jid(std::string text, std::size_t domain_at, std::size_t resource_at)
        : text_(std::move(text)),
          domain_at_(static_cast<std::uint16_t>(domain_at)),
          resource_at_(static_cast<std::uint16_t>(resource_at)) {}
    friend struct detail::jid_parser;

    std::string text_;
    std::uint16_t domain_at_ = 0;    // where the domain begins; 0: there is no local part
    std::uint16_t resource_at_ = 0;  // where the resource begins; 0: there is none
};

/// Makes any text usable as a local part (XEP-0106): the characters that an address can't hold
/// become `\20`, `\22`, ...
/// \throws xmpp::error(errc::invalid_jid) when `text` begins or ends with a space.
std::string escape_local(std::string_view text);

/// The way back, in one pass (XEP-0106).
std::string unescape_local(std::string_view local);

}  // namespace xmpp

template <>
struct std::hash<xmpp::jid> {
    std::size_t operator()(const xmpp::jid& address) const noexcept {
        return std::hash<std::string>()(address.str());
    }
};

template <>
struct fmt::formatter<xmpp::jid> : fmt::formatter<fmt::string_view> {
    template <class Context>
    auto format(const xmpp::jid& address, Context& context) const {
        return fmt::formatter<fmt::string_view>::format(address.str(), context);
    }
};
