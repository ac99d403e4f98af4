#include "address/address_preparation.hpp"

#include <xmpp/detail/xml_chars.hpp>  // lint: plain tables, which belong to no layer
#include <xmpp/error.hpp>

#include "address/address_part.hpp"
#include "address/domain_name.hpp"
#include "base/ascii.hpp"

#ifdef XMPP_HAVE_ICU
#include "address/precis.hpp"
#include "address/unicode_text.hpp"
#endif

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace xmpp::detail {
namespace {

constexpr auto local = address_part::local;
constexpr auto resource = address_part::resource;

/// What the local part may not hold though it is ASCII: controls, the space, and RFC 7622 3.3.1.
constexpr auto refused_in_local = [] {
    std::array<bool, 0x80> refused{};
    for (std::size_t c = 0; c < refused.size(); ++c) refused[c] = is_control(static_cast<char>(c));
    for (const char c : std::string_view(" \"&'/:<>@"))
        refused[static_cast<unsigned char>(c)] = true;
    return refused;
}();

void check_local_characters(std::string_view text) {
    for (const char c : text) {
        if (!is_ascii(c) || !refused_in_local[static_cast<unsigned char>(c)]) continue;
        refuse(local, is_control(c)
                          ? std::string("holds a control character")
                          : fmt::format("holds '{}', which must be escaped (XEP-0106)", c));
    }
}

#ifdef XMPP_HAVE_ICU

std::string local_beyond_ascii(std::string_view text) {
    return username_case_mapped(text, local);
}
std::string resource_beyond_ascii(std::string_view text) {
    return opaque_string(text, resource);
}

template <class Fold>
std::string folded(std::string_view text, Fold fold) {
    if (is_ascii(text)) return std::string(text);
    const auto utf16 = utf16_from(text);
    return utf16 ? utf8_from(fold(*utf16)) : std::string(text);
}

#else

[[noreturn]] std::string local_beyond_ascii(std::string_view) {
    refuse_beyond_ascii(local);
}
[[noreturn]] std::string resource_beyond_ascii(std::string_view) {
    refuse_beyond_ascii(resource);
}

#endif

/// UTF-8 that XML can hold, without control characters, neither those of ASCII nor C1.
bool is_clean_text(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (is_ascii(text[at])) {
            if (is_control(text[at++])) return false;
            continue;
        }
        const auto c = decode_multibyte(text, at);
        if (c.size == 0 || c.value < 0xA0) return false;
        at += c.size;
    }
    return true;
}

bool may_be_kept(std::string_view text) {
    return !is_ascii(text) && text.size() <= max_part_bytes && is_clean_text(text);
}

bool ends_no_local(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return is_ascii(c) && refused_in_local[static_cast<unsigned char>(c)];
    });
}

template <class Append>
void append_or_keep(std::string& to, std::string_view text, Append append, bool may_keep) {
    const auto before = to.size();
    try {
        append(to, text);
    } catch (const error&) {
        if (!may_keep) throw;
        to.resize(before);
        to += text;
    }
}

template <class Append>
std::string appended(Append append, std::string_view text) {
    std::string prepared;
    append(prepared, text);
    return prepared;
}

}  // namespace

void append_local(std::string& to, std::string_view text) {
    // A mapping may lead to one of the excluded characters, from a fullwidth at sign, say.
    if (!is_ascii(text)) {
        const auto prepared = local_beyond_ascii(text);
        check_local_characters(prepared);
        check_length(local, prepared);
        to += prepared;
        return;
    }
    check_length(local, text);
    check_local_characters(text);
    append_lowercase(to, text);
}

void append_domain(std::string& to, std::string_view text) {
    append_normal_domain(to, text);
}

void append_resource(std::string& to, std::string_view text) {
    if (!is_ascii(text)) {
        const auto prepared = resource_beyond_ascii(text);
        check_length(resource, prepared);
        to += prepared;
        return;
    }
    check_length(resource, text);
    if (std::any_of(text.begin(), text.end(), [](char c) { return is_control(c); })) {
        refuse(resource, "holds a control character");
    }
    to += text;
}

void append_received_local(std::string& to, std::string_view text) {
    append_or_keep(to, text, append_local, may_be_kept(text) && ends_no_local(text));
}
void append_received_resource(std::string& to, std::string_view text) {
    append_or_keep(to, text, append_resource, may_be_kept(text));
}

#ifdef XMPP_HAVE_ICU
std::string folded_local(std::string_view text) {
    return folded(text, [](std::u16string_view utf16) { return nfkc_casefold(utf16); });
}
std::string folded_resource(std::string_view text) {
    return folded(text, [](std::u16string_view utf16) { return nfkc(utf16); });
}
#else
std::string folded_local(std::string_view text) {
    return std::string(text);
}
std::string folded_resource(std::string_view text) {
    return std::string(text);
}
#endif

std::string prepare_local(std::string_view text) {
    return appended(append_local, text);
}
std::string prepare_domain(std::string_view text) {
    return appended(append_domain, text);
}
std::string prepare_resource(std::string_view text) {
    return appended(append_resource, text);
}

}  // namespace xmpp::detail
