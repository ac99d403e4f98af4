#include "simulation/message_shapes.hpp"

#include <xmpp/message.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::test {
namespace {

// The defaults of options, which are those of stanza::parse() too.
constexpr std::size_t max_stanza_bytes = std::size_t{1} << 20;
constexpr std::size_t max_depth = 128;
constexpr std::size_t max_attributes = 256;
constexpr std::size_t max_name_bytes = 1024;
constexpr std::size_t max_attribute_bytes = 65'536;

builder numbered(int number) {
    return message("romeo@example.org").body(fmt::to_string(number));
}

builder with_attributes(builder to, std::size_t count) {
    to.c("x", "urn:x");
    for (std::size_t i = 0; i < count; ++i) to.attr(fmt::format("a{}", i), "");
    return to;
}

builder with_depth(builder to, std::size_t depth) {
    to.c("x", "urn:x");
    for (std::size_t i = 2; i < depth; ++i) to.c("x");
    return to;
}

builder with_size(builder to, std::size_t size) {
    auto filled = to;
    filled.child("x", "urn:x", "x");
    const auto more = size - filled.size() + 1;
    to.child("x", "urn:x", std::string(more, 'x'));
    return to;
}

/// What no builder writes.
builder markup(int number, std::uint64_t which) {
    constexpr std::array<std::string_view, 6> shapes{
        "\n <message><body>{}</body></message>\r\n\t",
        "<c:message xmlns:c='jabber:client' ><c:body\n>{}</c:body ></c:message >",
        "<message a=\"'>\" ><body><![CDATA[{}]]></body><x>&#x3c;&gt;]]&gt;</x></message>",
        "<message xmlns=\"jabber:client\" from='juliet@example.org'><body>{}</body></message>",
        "<message\n\tto = 'romeo@example.org'\n><body lang=''>{}</body>\n</message>",
        "<message xmlns:d='urn:xmpp:delay'><body>{}</body><d:delay stamp='x'/></message>",
    };
    return unsafe_xml(fmt::format(fmt::runtime(shapes.at(which % shapes.size())), number));
}

}  // namespace

builder draw_message(int number, std::mt19937_64& random) {
    const auto choice = random() % 1000;
    const auto near = random() % 3;  // one below, at, one above
    const auto around = [near](std::size_t limit) { return limit - 1 + near; };
    auto plain = numbered(number);
    if (choice < 2) return with_size(std::move(plain), around(max_stanza_bytes));
    if (choice < 12) {
        return std::move(
            plain.c("x", "urn:x").attr("a", std::string(around(max_attribute_bytes), 'x')));
    }
    if (choice < 40) return with_size(std::move(plain), around(announced_bytes));
    if (choice < 60) return with_attributes(std::move(plain), around(max_attributes));
    if (choice < 80) return with_depth(std::move(plain), around(max_depth));
    if (choice < 100) {
        return std::move(plain.child(std::string(around(max_name_bytes), 'n'), "urn:x", ""));
    }
    if (choice < 250) return markup(number, random());
    return plain;
}

}  // namespace xmpp::test
