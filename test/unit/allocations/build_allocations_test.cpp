#include <xmpp/jid.hpp>
#include <xmpp/message.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stx.hpp>

#include "allocation_counter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

constexpr std::string_view id = "b4a91c3e-7d15";
constexpr std::string_view text = "Shall I hear more, or shall I speak at this, my love?";

const jid& juliet() {
    static const jid address("juliet@capulet.example/balcony");
    return address;
}

template <class Make>
void expect_allocations_of_building(std::string_view what, int expected, Make make) {
    juliet();
    std::string xml;
    const int used = allocations_of([&] { xml = make(); });
    show(what, 1, used);
    EXPECT_EQ(used, expected) << xml;
}

TEST(building, a_message_is_one_allocation) {
    expect_allocations_of_building("message with type, id and body", 1, [] {
        return message(juliet()).type("chat").id(id).body(text).take();
    });
}

TEST(building, a_message_with_extensions_is_one_allocation) {
    expect_allocations_of_building("message with a chat state and a receipt request", 1, [] {
        return message(juliet())
            .type("chat")
            .id(id)
            .body("Shall I hear more?")
            .c("active", "http://jabber.org/protocol/chatstates")
            .up()
            .c("request", "urn:xmpp:receipts")
            .take();
    });
}

TEST(building, a_request_is_one_allocation) {
    expect_allocations_of_building("iq with a query", 1, [] {
        return iq::get(juliet()).id(id).c("query", ns::disco_info).take();
    });
}

TEST(building, a_message_by_template_is_one_allocation) {
    expect_allocations_of_building("stx message with three values", 1, [] {
        return stx("<message to='{}' type='chat' id='{}'><body>{}</body></message>", juliet(), id,
                   text)
            .take();
    });
}

TEST(building, numbers_in_a_template_are_no_further_allocation) {
    expect_allocations_of_building("stx with a number", 1, [] {
        return stx("<presence><priority>{}</priority></presence>", 127).take();
    });
}

}  // namespace
}  // namespace xmpp::test
