// XEP-0106: JID Escaping.
#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>

#include <array>

namespace xmpp {
namespace {

struct escape {
    char character;
    std::string_view code;
};

constexpr std::array escapes{
    escape{' ', "20"}, escape{'"', "22"}, escape{'&', "26"}, escape{'\'', "27"}, escape{'/', "2f"},
    escape{':', "3a"}, escape{'<', "3c"}, escape{'>', "3e"}, escape{'@', "40"},  escape{'\\', "5c"},
};

const escape* escape_of(char c) {
    for (const auto& e : escapes) {
        if (e.character == c) return &e;
    }
    return nullptr;
}

/// The escape whose code stands at the beginning of `text`. Codes are lower case, as the XEP
/// writes them: an address is case-mapped before anybody unescapes it.
const escape* escape_at(std::string_view text) {
    for (const auto& e : escapes) {
        if (text.starts_with(e.code)) return &e;
    }
    return nullptr;
}

}  // namespace

std::string escape_local(std::string_view text) {
    if (!text.empty() && (text.front() == ' ' || text.back() == ' ')) {
        throw error(errc::invalid_jid, "a local part can't begin or end with a space");
    }
    std::string escaped;
    escaped.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const escape* found = escape_of(text[i]);
        // A backslash only needs escaping where it would read as the beginning of an escape.
        const bool plain = !found || (text[i] == '\\' && !escape_at(text.substr(i + 1)));
        if (plain) {
            escaped += text[i];
        } else {
            escaped += '\\';
            escaped += found->code;
        }
    }
    return escaped;
}

std::string unescape_local(std::string_view local) {
    std::string text;
    text.reserve(local.size());
    for (std::size_t i = 0; i < local.size(); ++i) {
        const escape* found = local[i] == '\\' ? escape_at(local.substr(i + 1)) : nullptr;
        text += found ? found->character : local[i];
        if (found) i += found->code.size();
    }
    const bool outer_space = !text.empty() && (text.front() == ' ' || text.back() == ' ');
    return outer_space ? std::string(local) : text;
}

}  // namespace xmpp
