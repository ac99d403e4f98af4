#pragma once

#include <cstdint>
#include <string_view>

/// What the Unicode properties of a code point say about its use in identifiers. Computed from the
/// properties, so that a newer ICU brings newer characters. Only in builds with ICU.
namespace xmpp::detail {

/// PRECIS derived property (RFC 8264 8).
enum class precis_property : std::uint8_t {
    valid,          // PVALID: in identifiers and in free text
    free_text,      // ID_DIS or FREE_PVAL: in free text only
    joins_context,  // CONTEXTJ: where its neighbours allow it
    other_context,  // CONTEXTO
    disallowed,
    unassigned,
};

struct precis_class {
    precis_property property;
    std::string_view kind;  // why, for people: "a symbol"
};

precis_class precis_class_of(char32_t c);

/// Whether RFC 5892 2 derives PVALID, CONTEXTJ or CONTEXTO: what an IDNA2008 label may hold.
bool may_stand_in_label(char32_t c);

}  // namespace xmpp::detail
