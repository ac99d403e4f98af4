#include "base/address_preparation.hpp"

#include "base/address_part.hpp"
#include "base/ascii.hpp"
#include "base/domain_name.hpp"

#ifdef XMPP_HAVE_ICU
#include "base/precis.hpp"
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

#else

[[noreturn]] std::string local_beyond_ascii(std::string_view) {
    refuse_beyond_ascii(local);
}
[[noreturn]] std::string resource_beyond_ascii(std::string_view) {
    refuse_beyond_ascii(resource);
}

#endif

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
