// The same program with different versions of expat: test/unit/xml/meson.build says with which.
#include "stream_transcript.hpp"

#include <expat.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace xmpp::test {
namespace {

struct free_parser {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
};

/// Does this expat put off a tag whose end has come, unless it is told not to?
bool expat_defers() {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, free_parser> parser(
        XML_ParserCreate(nullptr));
    bool seen = false;
    XML_SetUserData(parser.get(), &seen);
    XML_SetStartElementHandler(parser.get(), [](void* found, const char*, const char**) {
        *static_cast<bool*>(found) = true;
    });
    constexpr std::string_view begun = "<a b='a long value'";
    XML_Parse(parser.get(), begun.data(), static_cast<int>(begun.size()), XML_FALSE);
    XML_Parse(parser.get(), ">", 1, XML_FALSE);
    return !seen;
}

std::string_view expat_of_this_run() {
    const char* wanted = std::getenv("XMPP_TEST_EXPAT");
    return wanted != nullptr ? wanted : "";
}

TEST(reparse_deferral, is_on_in_the_runs_that_are_about_it) {
    if (expat_of_this_run().empty()) GTEST_SKIP() << "the expat of the system";
    EXPECT_TRUE(expat_defers());
}

TEST(reparse_deferral, withholds_no_stanza_that_comes_byte_by_byte) {
    if (expat_of_this_run() == "stubborn") GTEST_SKIP() << "nothing can be done about that one";
    detail::stream_parser parser;
    transcript events;
    const std::string long_value(300, 'v');
    const auto feed = [&](std::string_view element) {
        for (const char& byte : element) {
            EXPECT_EQ(events.size(), 0u) << "before the end of " << element;
            parser.feed({&byte, 1});
            drain(parser, events);
        }
        EXPECT_EQ(events.size(), 1u) << element;
        events.clear();
    };
    feed(header);
    feed(
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><mechanisms "
        "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
        "</stream:features>");
    feed("<message id='" + long_value + "'/>");
    feed("<message><body>" + long_value + "</body></message>");
    feed("<a/>");
}

TEST(reparse_deferral, bytes_that_are_only_collected_are_not_taken_for_one_large_stanza) {
    detail::xml_limits limits;
    limits.stanza_bytes = 10'000;
    std::string bytes(header);
    for (int i = 0; i < 1000; ++i)
        bytes += "<message id='a value of some length'><body/></message>";
    const auto events = parse_pieces(bytes, 1, limits);
    EXPECT_FALSE(failed(events)) << events.back();
    EXPECT_GE(events.size(), 900u);
}

}  // namespace
}  // namespace xmpp::test
