#include <xmpp/message.hpp>
#include <xmpp/stx.hpp>

#include "support/co_test.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

// What users write on a co_await line; g++ 12 miscompiles some temporaries there, and sanitizers
// tell. Long texts, so that the strings are on the heap.

namespace xmpp {
namespace {

const std::string who = "a long enough address to be on the heap@example.org";

task<std::string> deliver(builder b) {
    co_return b.to_xml();
}

task<std::string> deliver_reference(const builder& b) {
    co_return b.to_xml();
}

CO_TEST(awaited_stanzas, a_template_can_be_an_argument) {
    const std::vector<std::string> words{"one", "two"};
    const std::optional<std::string> none;
    auto sent = co_await deliver(stx("<message to='{}' id={}><body>{}</body>{}</message>", who,
                                     none, "a body that is too long for the small buffer", words));
    EXPECT_EQ(sent, "<message to='" + who +
                        "'><body>a body that is too long for the small buffer</body>onetwo"
                        "</message>");
}

CO_TEST(awaited_stanzas, a_template_that_goes_on_can_be_an_argument) {
    auto sent = co_await deliver(stx("<iq to='{}'/>", who).c("x", "urn:x").child("y", "z"));
    EXPECT_EQ(sent, "<iq to='" + who + "'><x xmlns='urn:x'><y>z</y></x></iq>");
}

CO_TEST(awaited_stanzas, a_template_can_be_passed_by_reference) {
    auto sent = co_await deliver_reference(stx("<a>{}</a>", message("b@c").body(who)));
    EXPECT_EQ(sent,
              "<a><message xmlns='jabber:client' to='b@c'><body>" + who + "</body></message></a>");
}

CO_TEST(awaited_stanzas, a_fluent_message_can_be_an_argument) {
    auto sent = co_await deliver(message("b@c").type("chat").body(who));
    EXPECT_EQ(sent, "<message to='b@c' type='chat'><body>" + who + "</body></message>");
}

}  // namespace
}  // namespace xmpp
