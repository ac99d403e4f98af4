#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/detail/stx_template.hpp>
#include <xmpp/element.hpp>
#include <xmpp/jid.hpp>

#include <fmt/format.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

namespace xmpp {

namespace detail {

class stx_writer;

/// An argument, its type forgotten.
struct stx_argument {
    const void* object;
    void (*write)(stx_writer&, const void*);
};

/// Puts values into the holes of a template, each escaped for where it stands.
class stx_writer {
 public:
    stx_writer(std::string& out, std::string_view text) : out_(out), text_(text) {}

    void text(std::string_view value);
    void markup(const element& e);
    void markup(const builder& b);
    void absent() noexcept { absent_ = true; }

    void literal(std::string_view piece, bool has_braces);
    /// \returns how many bytes of the template the hole and what belongs to it take
    std::size_t fill(const stx_hole& hole, const stx_argument& argument);

 private:
    ns_scope scope() const noexcept;

    std::string& out_;
    std::string_view text_;
    const stx_hole* hole_ = nullptr;
    bool absent_ = false;
};

template <class T>
inline constexpr bool never = false;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept text_like = std::convertible_to<const T&, std::string_view>;

template <class T>
concept tree_like = std::derived_from<T, builder> || std::same_as<T, element> || rooted<T>;

template <class T>
concept list_like =
    std::ranges::input_range<T> && !text_like<T> && !tree_like<T> &&
    !std::same_as<std::remove_cvref_t<std::ranges::range_reference_t<T>>, std::remove_cvref_t<T>>;

/// Can the argument stand in content only?
template <class T>
constexpr bool is_markup() {
    using value = std::remove_cvref_t<T>;
    if constexpr (is_optional<value>)
        return is_markup<typename value::value_type>();
    else
        return tree_like<value> || list_like<value>;
}

template <class T>
void write_value(stx_writer& writer, T& value) {
    using plain = std::remove_cv_t<T>;
    if constexpr (is_optional<plain>) {
        if (value)
            write_value(writer, *value);
        else
            writer.absent();
    } else if constexpr (std::derived_from<plain, builder> || std::same_as<plain, element>) {
        writer.markup(value);
    } else if constexpr (rooted<plain>) {
        writer.markup(value.root());
    } else if constexpr (text_like<plain>) {
        writer.text(value);
    } else if constexpr (std::same_as<plain, jid>) {
        writer.text(value.str());
    } else if constexpr (list_like<T>) {
        for (auto&& item : value) write_value(writer, item);
    } else if constexpr (!fmt::is_formattable<plain>::value) {
        static_assert(never<plain>,
                      "an argument of stx() must be text, a number, an address, a builder, a "
                      "received element, something that fmt can print, or a range of these");
    } else {
        fmt::memory_buffer printed;
        fmt::format_to(fmt::appender(printed), "{}", value);
        writer.text({printed.data(), printed.size()});
    }
}

template <class T>
stx_argument erase(T& value) noexcept {
    return {std::addressof(value), [](stx_writer& writer, const void* object) {
                write_value(writer, *static_cast<T*>(const_cast<void*>(object)));
            }};
}

builder render(const stx_program& program, const stx_argument* arguments);

}  // namespace detail

/// A template of stx() for arguments of these types. Made from a string literal, which is checked
/// while the program is compiled.
template <class... Arguments>
class stx_template {
 public:
    template <std::size_t Size>
    consteval stx_template(const char (&text)[Size]) {
        constexpr std::array<bool, sizeof...(Arguments) + 1> markup_only{
            detail::is_markup<Arguments>()..., false};
        program_ = detail::stx_reader({text, Size - 1}, holes_.data(), markup_only.data(),
                                      sizeof...(Arguments))
                       .read();
    }

    /// Valid as long as this.
    constexpr detail::stx_program program() const noexcept {
        auto p = program_;
        p.holes = holes_.data();
        return p;
    }

 private:
    std::array<detail::stx_hole, sizeof...(Arguments) + 1> holes_ = {};
    detail::stx_program program_ = {};
};

/// Builds an element from XML with holes: `stx("<message to='{}'><body>{}</body></message>", who,
/// what)`. A template that is not well-formed, or has another number of holes than there are
/// arguments, does not compile.
///
/// - `{}` takes text, numbers, addresses and whatever fmt can print, escaped for where it stands:
///   in content, in an attribute's value, or as a whole value without quotes, `to={}`. Braces
///   themselves are written `{{` and `}}`.
/// - In content it also takes builders, received elements and stanzas, and ranges of anything; of
///   unsafe_xml() what is in it. Namespaces are declared where they differ.
/// - An empty std::optional leaves out the attribute whose whole value it is, and is nothing
///   elsewhere.
/// - Prefixes of namespaces (but `xml:`), comments and declarations are not supported.
///
/// The result is a builder at its root, which can go on: `stx("<iq type='get'/>").c("ping",
/// ns::ping)`. An xmlns of a stanza itself is left to the transport.
/// \throws xmpp::error(errc::not_well_formed) for values that can't be in XML
template <class... Arguments>
[[nodiscard]] builder stx(stx_template<std::type_identity_t<Arguments>...> text,
                          Arguments&&... arguments) {
    const std::array<detail::stx_argument, sizeof...(Arguments) + 1> erased{
        detail::erase(arguments)..., detail::stx_argument{}};
    return detail::render(text.program(), erased.data());
}

}  // namespace xmpp
