#include "transport/bosh/bosh_body.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "transport/transport.hpp"
#include "xml/parser/start_tag.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

using detail::bosh_body_reader;
using detail::bosh_body_writer;
using detail::bosh_response;
using detail::xml_limits;
using ::testing::HasSubstr;

bosh_response read(std::string_view xml, const xml_limits& limits = {}) {
    return bosh_body_reader(limits).read(xml);
}

std::string body(std::string_view attributes, std::string_view content = {}) {
    return "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='" +
           std::string(ns::streams) + "'" + std::string(attributes) + ">" + std::string(content) +
           "</body>";
}

std::error_code code_of_reading(std::string_view xml, const xml_limits& limits = {}) {
    try {
        (void)read(xml, limits);
    } catch (const error& thrown) {
        return thrown.code();
    }
    return {};
}

TEST(bosh_body_writer, writes_attributes_and_elements) {
    bosh_body_writer writer(41);
    writer.attr("sid", "a'b<&").attr("wait", 60);
    EXPECT_EQ(writer.around("<a/><b/>"),
              "<body xmlns='http://jabber.org/protocol/httpbind' rid='41' sid='a&apos;b&lt;&amp;' "
              "wait='60'><a/><b/></body>");
    EXPECT_EQ(bosh_body_writer(1).around({}),
              "<body xmlns='http://jabber.org/protocol/httpbind' rid='1'/>");
}

TEST(bosh_body_writer, puts_stanzas_into_their_namespace_and_leaves_other_elements) {
    std::string elements;
    for (const auto* element : {"<message to='a'><body>xmlns='b'</body></message>", "<presence/>",
                                "<auth mechanism='PLAIN' xmlns='urn:x'>AA==</auth>"}) {
        detail::append_declared(elements, element, ns::client);
    }
    EXPECT_EQ(elements,
              "<message xmlns='jabber:client' to='a'><body>xmlns='b'</body></message>"
              "<presence xmlns='jabber:client'/>"
              "<auth mechanism='PLAIN' xmlns='urn:x'>AA==</auth>");
}

TEST(bosh_body_reader, separates_attributes_and_elements) {
    const auto response = read(body(" sid='s' wait='60' odd='99999999999999999999'",
                                    "<message xmlns='jabber:client' id='1'/> <stream:features/>"));
    EXPECT_EQ(response.attr("sid"), "s");
    EXPECT_EQ(response.number("wait", 1), 60U);
    EXPECT_EQ(response.number("hold", 7), 7U);
    EXPECT_EQ(response.number("odd", 7), 7U);
    ASSERT_EQ(response.elements.size(), 2U);
    EXPECT_EQ(response.elements[0].kind(), stanza_kind::message);
    EXPECT_EQ(response.elements[1]->ns(), ns::streams);
}

TEST(bosh_body_reader, inherits_the_language) {
    const auto response = read(body(" xml:lang='de'", "<message xmlns='jabber:client'/>"));
    EXPECT_EQ(response.elements[0]->lang(), "de");
}

TEST(bosh_body_reader, can_be_used_after_a_failure) {
    bosh_body_reader reader{xml_limits()};
    EXPECT_THROW(reader.read("<html>"), error);
    EXPECT_EQ(reader.read(body(" sid='s'")).attr("sid"), "s");
}

class bosh_bad_body : public ::testing::TestWithParam<const char*> {};

TEST_P(bosh_bad_body, is_bad_format) {
    EXPECT_EQ(code_of_reading(GetParam()), stream_condition::bad_format) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    bodies, bosh_bad_body,
    ::testing::Values("", " ", "plain text", "<html><body>404</body></html>", "<!DOCTYPE",
                      "<body/>", "<body xmlns='http://jabber.org/protocol/httpbind'",
                      "<body xmlns='http://jabber.org/protocol/httpbind'><message>",
                      "<body xmlns='http://jabber.org/protocol/httpbind'>text</body>",
                      "<body xmlns='http://jabber.org/protocol/httpbind'><a:b/></body>",
                      "<bodys xmlns='http://jabber.org/protocol/httpbind'/>",
                      "<body xmlns='http://jabber.org/protocol/httpbindx'/>", "{\"json\": true}"));

TEST(bosh_body_reader, bounds_each_element_and_not_their_sum) {
    xml_limits limits;
    limits.stanza_bytes = 1000;
    const std::string small =
        "<message xmlns='jabber:client'><body>" + std::string(500, 'a') + "</body></message>";
    std::string many;
    for (int i = 0; i < 20; ++i) many += small;
    EXPECT_EQ(read(body("", many), limits).elements.size(), 20U);
    const std::string large =
        "<message xmlns='jabber:client'><body>" + std::string(1000, 'a') + "</body></message>";
    EXPECT_EQ(code_of_reading(body("", large), limits), stream_condition::policy_violation);
}

TEST(bosh_body_reader, refuses_a_huge_wrapper) {
    std::string attributes;
    for (int i = 0; i < 300; ++i) attributes += " a" + std::to_string(i) + "=''";
    EXPECT_EQ(code_of_reading(body(attributes)), stream_condition::policy_violation);
    EXPECT_EQ(code_of_reading(body(" a='" + std::string(70'000, 'a') + "'")),
              stream_condition::policy_violation);
    EXPECT_EQ(code_of_reading("<!DOCTYPE body><body/>"), stream_condition::restricted_xml);
}

error why_ended(const detail::bosh_response& response) {
    try {
        std::rethrow_exception(bosh_termination(response));
    } catch (const error& why) {
        return why;
    }
}

std::string place_named(std::string_view content) {
    try {
        std::rethrow_exception(
            bosh_termination(read(body(" type='terminate' condition='see-other-uri'", content))));
    } catch (const detail::see_other_uri& why) {
        return why.uri();
    } catch (...) {
        return "none";
    }
}

TEST(bosh_termination, names_the_condition) {
    for (const std::string condition :
         {"bad-request", "host-gone", "host-unknown", "improper-addressing",
          "internal-server-error", "item-not-found", "other-request", "policy-violation",
          "remote-connection-failed", "see-other-uri", "system-shutdown", "undefined-condition"}) {
        const auto why = why_ended(read(body(" type='terminate' condition='" + condition + "'")));
        EXPECT_EQ(why.code(), bosh_condition_from(condition));
        EXPECT_EQ(why.condition(), condition);
    }
    const auto why = why_ended(read(body(" type='terminate' condition='strange'")));
    EXPECT_EQ(why.code(), bosh_condition::undefined_condition);
    EXPECT_EQ(why.condition(), "strange");
}

TEST(bosh_termination, has_a_word_where_the_server_has_none) {
    const auto why = why_ended(read(body(" type='terminate'")));
    EXPECT_EQ(why.code(), bosh_condition::undefined_condition);
    EXPECT_EQ(why.condition(), "unknown");
}

TEST(bosh_termination, is_the_stream_error_inside) {
    const auto why = why_ended(read(body(
        " type='terminate' condition='remote-stream-error'",
        "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")));
    EXPECT_EQ(why.code(), stream_condition::conflict);
    EXPECT_EQ(why.condition(), "conflict");
    const auto without = why_ended(read(body(" type='terminate' condition='remote-stream-error'")));
    EXPECT_EQ(without.code(), bosh_condition::remote_stream_error);
}

TEST(bosh_termination, tells_where_the_service_went) {
    const auto why = why_ended(read(
        body(" type='terminate' condition='see-other-uri'", "<uri>https://example.net/b</uri>")));
    EXPECT_THAT(std::string(why.explanation()), HasSubstr("https://example.net/b"));
    EXPECT_EQ(place_named(" <uri> https://example.net/b\n</uri>"), "https://example.net/b");
    EXPECT_EQ(place_named("<uri/>"), "none");
    EXPECT_EQ(place_named(""), "none");
}

TEST(bosh_http_failure, maps_statuses) {
    EXPECT_EQ(detail::bosh_http_failure(400).code(), bosh_condition::bad_request);
    EXPECT_EQ(detail::bosh_http_failure(403).code(), bosh_condition::policy_violation);
    EXPECT_EQ(detail::bosh_http_failure(404).code(), bosh_condition::item_not_found);
    EXPECT_EQ(detail::bosh_http_failure(499).code(), bosh_condition::undefined_condition);
    EXPECT_EQ(detail::bosh_http_failure(499).condition(), "http-499");
}

std::string many(std::size_t count, std::string_view element) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += element;
    return all;
}

TEST(bosh_body_reader,
     elements_beyond_what_may_be_finished_at_once_are_parsed_when_they_are_taken) {
    constexpr std::size_t count = 20'000;
    auto response = read(body(std::string(" xml:lang='") + std::string(255, 'x') + "'",
                              many(count, "<a/>") + "<last/>"));
    ASSERT_TRUE(response.rest);
    EXPECT_LT(response.elements.size(), 2000u);
    std::size_t elements = response.elements.size();
    std::string last;
    while (const auto element = response.rest->next()) {
        ++elements;
        last = (*element)->name();
    }
    EXPECT_EQ(elements, count + 1);
    EXPECT_EQ(last, "last");
}

TEST(bosh_body_reader, what_is_wrong_behind_many_elements_is_said_when_they_are_taken) {
    bosh_body_reader reader{xml_limits()};
    auto response = reader.read(body({}, many(20'000, "<a/>") + "<b></c>"));
    ASSERT_TRUE(response.rest);
    std::error_code code;
    try {
        while (response.rest->next()) {
        }
    } catch (const error& failure) {
        code = failure.code();
    }
    EXPECT_EQ(code, stream_condition::bad_format);
    EXPECT_EQ(reader.read(body({}, "<a/>")).elements.size(), 1u);
}

TEST(bosh_termination, is_the_stream_error_behind_many_elements) {
    const auto response =
        read(body(" type='terminate' condition='remote-stream-error'",
                  many(20'000, "<a/>") +
                      "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                      "</stream:error>"));
    try {
        std::rethrow_exception(bosh_termination(response));
    } catch (const error& why) {
        EXPECT_EQ(why.code(), stream_condition::conflict);
    }
}

}  // namespace
}  // namespace xmpp::test
