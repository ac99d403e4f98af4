#include <xmpp/error.hpp>
#include <xmpp/options.hpp>

#include <algorithm>

namespace xmpp {
namespace {

constexpr std::size_t max_language_bytes = 255;

bool is_language_tag(std::string_view text) {
    return text.size() <= max_language_bytes && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-';
           });
}

}  // namespace

options& options::language(std::string value) {
    if (!is_language_tag(value)) {
        throw error(errc::invalid_options,
                    "options::language is for a language tag: letters, digits and hyphens");
    }
    return set(language_, std::move(value));
}

}  // namespace xmpp
