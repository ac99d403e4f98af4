#include "xml/parser/stream_root.hpp"

#include "xml/parser/tree_builder.hpp"
#include "xml/writer/serialize.hpp"

namespace xmpp::detail {

void stream_root::declare(const char* prefix, const char* uri) {
    constexpr std::string_view reserved = "xml";  // means the same without being declared
    const std::string_view name = prefix != nullptr ? prefix : "";
    if (name == reserved || too_long()) return;
    append_declaration(tag_, name, uri != nullptr ? uri : "");
}

void stream_root::named(const char* name) {
    const auto parts = split_name::of(name);
    std::string head = "<";
    if (!parts.prefix.empty()) head.append(parts.prefix).append(":");
    head.append(parts.local);
    tag_ = head + tag_ + '>';
}

}  // namespace xmpp::detail
