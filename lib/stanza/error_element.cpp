#include "stanza/error_element.hpp"

#include <algorithm>

namespace xmpp::detail {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view primary(std::string_view lang) {
    return lang.substr(0, lang.find('-'));
}

/// How well does a text's language fit what is wanted (a much reduced RFC 4647)?
int fitness(std::string_view has, std::string_view wanted) {
    if (same_letters(has, wanted)) return 3;
    if (!wanted.empty() && same_letters(primary(has), primary(wanted))) return 2;
    return has.empty() ? 1 : 0;
}

}  // namespace

error_element read_error_element(const element& e, std::string_view ns, std::string_view lang) {
    error_element found{};
    int best = -1;
    for (const element& child : e.children()) {
        if (child.ns() != ns) continue;
        if (child.name() != "text") {
            if (found.condition.empty()) found.condition = child.name();
        } else if (const int fits = fitness(child.lang(), lang); fits > best) {
            best = fits;
            found.text = child.text();
        }
    }
    return found;
}

}  // namespace xmpp::detail
