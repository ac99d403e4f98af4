#include "scripted_peer_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace xmpp::testing {
namespace {

using ::testing::HasSubstr;

class scripted_peer_test : public scripted_peer_fixture {};

TEST_F(scripted_peer_test, is_content_when_the_script_was_followed) {
    peer_.expect_header("to='example.org'").expect("<presence/>").expect_close();
    EXPECT_EQ(verdict(header + "<presence/></stream:stream>"), "");
    EXPECT_TRUE(peer_.finished());
    EXPECT_NO_THROW(peer_.verify());
}

TEST_F(scripted_peer_test, reports_a_client_that_never_came) {
    peer_.expect_header();
    EXPECT_THAT(peer_.problems(), HasSubstr("step 1 of 1, expect_header"));
    EXPECT_FALSE(peer_.finished());
    EXPECT_THROW(peer_.verify(), std::runtime_error);
}

TEST_F(scripted_peer_test, reports_steps_that_were_not_reached) {
    auto ends = memory_stream_pair(context_.get_executor());
    scripted_peer peer(context_.get_executor(), std::move(ends.first));
    peer.expect_header().expect("<presence/>").expect("<message/>");
    raw_client client(context_.get_executor(), std::move(ends.second));
    run_client(client.write(header + "<presence/>"));
    run_until_idle(context_);
    EXPECT_THAT(peer.problems(), HasSubstr("step 3 of 3, expect <message/>"));
}

TEST_F(scripted_peer_test, compares_by_meaning) {
    peer_.expect_header().expect(
        "<message to='a@b' type='chat'>\n  <body>hi &amp; ho</body>\n  <x xmlns='urn:x' "
        "a='1'/>\n</message>");
    EXPECT_EQ(verdict(header + "<message type=\"chat\" id='m1' to='a@b'><body>hi &#38; ho</body>"
                               "<p:x xmlns:p='urn:x' a='1'></p:x></message>"),
              "");
}

TEST_F(scripted_peer_test, takes_a_star_for_anything) {
    peer_.expect_header()
        .expect("<iq id='*' type='get'><query xmlns='urn:x' node='*'/></iq>")
        .expect("<message>*</message>")
        .expect("<message><body>*</body></message>");
    EXPECT_EQ(verdict(header + "<iq type='get' id='7'><query xmlns='urn:x' node='n'/></iq>"
                               "<message><body>a</body><thread>b</thread></message>"
                               "<message><body>c</body></message>"),
              "");
}

struct difference {
    const char* name;
    const char* pattern;
    const char* sent;
    const char* report;
};

class scripted_peer_differences : public scripted_peer_test,
                                  public ::testing::WithParamInterface<difference> {};

TEST_P(scripted_peer_differences, are_reported_with_step_and_both_texts) {
    const auto& [name, pattern, sent, report] = GetParam();
    peer_.expect_header().expect(pattern).expect("<presence/>");
    const auto found = verdict(header + sent);
    EXPECT_THAT(found, HasSubstr(report));
    EXPECT_THAT(found, HasSubstr("step 2, expect "));
    EXPECT_THAT(found, HasSubstr(std::string("expected: ") + pattern));
    EXPECT_THAT(found, HasSubstr("got:      <"));
}

INSTANTIATE_TEST_SUITE_P(
    of, scripted_peer_differences,
    ::testing::Values(
        difference{"name", "<presence/>", "<message/>", "<message> instead of <presence>"},
        difference{"value", "<message to='a@b'/>", "<message to='c@d'/>",
                   "attribute 'to' of <message> is 'c@d' instead of 'a@b'"},
        difference{"missing_attribute", "<message to='*'/>", "<message/>",
                   "<message> lacks the attribute 'to'"},
        difference{"further_attribute", "<message/>", "<message to='a@b'/>",
                   "<message> has an attribute 'to'"},
        difference{"language", "<message xml:lang='en'/>", "<message/>", "'xml:lang'"},
        difference{"given_id", "<message id='1'/>", "<message id='2'/>", "attribute 'id'"},
        difference{"id_of_a_child", "<message><x/></message>", "<message><x id='1'/></message>",
                   "<x> has an attribute 'id'"},
        difference{"namespace_of_a_child", "<message><x xmlns='urn:a'/></message>",
                   "<message><x xmlns='urn:b'/></message>",
                   "the namespace of <x> is 'urn:b' instead of 'urn:a'"},
        difference{"missing_child", "<message><a/><b/></message>", "<message><a/></message>",
                   "<message> lacks <b>"},
        difference{"further_child", "<message/>", "<message><a/></message>",
                   "<message> contains <a>"},
        difference{"order", "<message><a/><b/></message>", "<message><b/><a/></message>",
                   "<b> instead of <a>"},
        difference{"text", "<message><body>a</body></message>",
                   "<message><body> a</body></message>",
                   "the text of <body> is ' a' instead of 'a'"}),
    [](const auto& info) { return info.param.name; });

TEST_F(scripted_peer_test, reports_a_client_that_ends_early) {
    peer_.expect_header().expect("<presence/>");
    EXPECT_THAT(verdict(header), HasSubstr("ended the connection without closing its stream"));
}

TEST_F(scripted_peer_test, reports_a_client_that_closes_early) {
    peer_.expect_header().expect("<presence/>");
    EXPECT_THAT(verdict(header + "</stream:stream>"), HasSubstr("the client closed its stream"));
}

TEST_F(scripted_peer_test, reports_an_element_in_place_of_the_closing_tag) {
    peer_.expect_header().expect_close();
    EXPECT_THAT(verdict(header + "<presence/>"), HasSubstr("did not close its stream"));
}

TEST_F(scripted_peer_test, reports_what_is_not_xml) {
    peer_.expect_header().expect("<presence/>");
    EXPECT_THAT(verdict(header + "<presence></message>"), HasSubstr("step 2, expect <presence/>"));
}

TEST_F(scripted_peer_test, checks_the_attributes_of_the_header) {
    peer_.expect_header("to='example.net'");
    EXPECT_THAT(verdict(header), HasSubstr("attribute 'to' of <stream> is 'example.org'"));
}

TEST_F(scripted_peer_test, checks_that_an_attribute_of_the_header_is_absent) {
    peer_.expect_header("from=''");
    EXPECT_THAT(verdict("<stream:stream from='a@example.org' xmlns='jabber:client' "
                        "xmlns:stream='http://etherx.jabber.org/streams'>"),
                HasSubstr("<stream> has an attribute 'from'"));
}

TEST_F(scripted_peer_test, refuses_scripts_that_are_not_xml) {
    EXPECT_THROW(peer_.expect("<message"), std::invalid_argument);
    EXPECT_THROW(peer_.expect("<a/><b/>"), std::invalid_argument);
    EXPECT_THROW(peer_.send("<message></body>"), std::invalid_argument);
    EXPECT_THROW(peer_.send("</stream:stream>"), std::invalid_argument);
    EXPECT_THROW(peer_.features("<x"), std::invalid_argument);
    EXPECT_THROW(peer_.expect_header("to=example.org"), std::invalid_argument);
}

TEST_F(scripted_peer_test, has_no_last_element_before_one_came) {
    EXPECT_THROW(static_cast<void>(peer_.last()), std::logic_error);
}

TEST_F(scripted_peer_test, notices_what_a_step_throws) {
    struct step {
        static task<> throws(scripted_peer&) {
            co_await asio::this_coro::executor;
            throw std::runtime_error("this is not the end I wanted");
        }
    };
    peer_.next_connection().then(&step::throws);
    run_client(write_and_end(peer_, context_, ""));
    EXPECT_EQ(peer_.problems(), "step 2, then: this is not the end I wanted");
}

}  // namespace
}  // namespace xmpp::testing
