#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace xmpp {
namespace {

static_assert(std::is_nothrow_copy_constructible_v<stanza>);
static_assert(std::is_nothrow_copy_constructible_v<stanza_error>);

TEST(stanza, tells_its_kind) {
    const auto kind = [](const char* xml) { return stanza::parse(xml).kind(); };
    EXPECT_EQ(kind("<message/>"), stanza_kind::message);
    EXPECT_EQ(kind("<presence xmlns='jabber:client'/>"), stanza_kind::presence);
    EXPECT_EQ(kind("<iq xmlns='jabber:server'/>"), stanza_kind::iq);
    EXPECT_EQ(kind("<iq xmlns='jabber:component:accept'/>"), stanza_kind::iq);
    EXPECT_EQ(kind("<features/>"), stanza_kind::other);
}

TEST(stanza, a_message_of_another_namespace_is_none) {
    EXPECT_EQ(stanza::parse("<message xmlns='urn:other'/>").kind(), stanza_kind::other);
}

TEST(stanza, tells_addresses_id_and_type) {
    const auto s = stanza::parse("<iq from='A@B/c' to='d@e' id='1' type='weird'/>");
    EXPECT_EQ(s.from(), jid("a@b/c"));
    EXPECT_EQ(s.to(), jid("d@e"));
    EXPECT_EQ(s.id(), "1");
    EXPECT_EQ(s.type(), "weird");
}

TEST(stanza, bad_addresses_are_empty_and_throw_nothing) {
    for (const auto* address : {"", "@", "a@", "a@@b", "a b@c", "/r", "a@b/"}) {
        const auto s = stanza::parse("<iq from='" + std::string(address) + "'/>");
        EXPECT_TRUE(s.from().empty()) << address;
    }
    EXPECT_TRUE(stanza::parse("<iq/>").to().empty());
}

TEST(stanza, tells_an_absent_sender_from_one_that_is_no_address) {
    const auto absent = stanza::parse("<iq/>");
    EXPECT_FALSE(absent.has_from());
    EXPECT_FALSE(absent.has_to());
    EXPECT_EQ(absent.from_text(), "");
    const auto invalid = stanza::parse("<iq from='@@' to='//'/>");
    EXPECT_TRUE(invalid.has_from());
    EXPECT_TRUE(invalid.has_to());
    EXPECT_EQ(invalid.from_text(), "@@");
    EXPECT_EQ(invalid.to_text(), "//");
    EXPECT_TRUE(invalid.from().empty());
    EXPECT_TRUE(stanza::parse("<iq from=''/>").has_from());
}

TEST(stanza, keeps_the_parts_of_addresses_that_only_servers_would_let_in) {
    const auto s =
        stanza::parse("<iq from='Room@Conf.example/a\u00B7b' to='x\u3031@example.org/Y'/>");
    EXPECT_EQ(s.from().str(), "room@conf.example/a\u00B7b");
    EXPECT_EQ(s.from().bare(), jid("room@conf.example"));
    EXPECT_EQ(s.from().resource(), "a\u00B7b");
    EXPECT_EQ(s.to().local(), "x\u3031");
    EXPECT_EQ(s.to().resource(), "Y");
    EXPECT_EQ(s.from(), stanza::parse("<iq from='room@conf.example/a\u00B7b'/>").from());
    EXPECT_NE(s.from(), stanza::parse("<iq from='room@conf.example/A\u00B7b'/>").from());
}

TEST(stanza, keeps_no_part_that_is_too_long_or_has_control_characters) {
    std::string longest;
    while (longest.size() + 2 <= 1023) longest += "\u00B7";
    const auto of = [](const std::string& resource) {
        return stanza::parse("<iq from='a@b/" + resource + "'/>").from();
    };
    EXPECT_EQ(of(longest + "x").resource().size(), 1023U);
    for (const auto& refused : {longest + "xx", std::string("\u00B7\u0085"),
                                std::string("\u00B7&#9;"), std::string("\u00B7&#127;")}) {
        EXPECT_TRUE(of(refused).empty()) << refused;
    }
    EXPECT_TRUE(stanza::parse("<iq from='\u00B7 x@b'/>").from().empty());
}

TEST(stanza, parse_says_what_is_wrong) {
    for (const auto* xml :
         {"", "<a>", "<a></b>", "<!DOCTYPE a><a/>", "<a><!-- --></a>", "<a:b/>"}) {
        try {
            (void)stanza::parse(xml);
            ADD_FAILURE() << xml;
        } catch (const error& e) {
            EXPECT_EQ(e.code(), errc::not_well_formed);
            EXPECT_NE(e.explanation().find("byte"), std::string_view::npos);
        }
    }
}

TEST(stanza_error, has_the_type_that_goes_with_the_condition) {
    EXPECT_EQ(stanza_error("bad-request").type(), "modify");
    EXPECT_EQ(stanza_error("forbidden").type(), "auth");
    EXPECT_EQ(stanza_error("recipient-unavailable").type(), "wait");
    EXPECT_EQ(stanza_error("item-not-found").type(), "cancel");
    EXPECT_EQ(stanza_error("item-not-found", "", "wait").type(), "wait");
    const stanza_error e("item-not-found", "no such thing");
    EXPECT_EQ(e.code(), stanza_condition::item_not_found);
    EXPECT_EQ(e.condition(), "item-not-found");
    EXPECT_EQ(e.text(), "no such thing");
    EXPECT_FALSE(e.detail());
}

TEST(stanza_error, reads_a_reply_in_any_order_of_children) {
    const auto reply = stanza::parse(
        "<iq xmlns='jabber:client' type='error' id='1'><error type='wait'>"
        "<too-many xmlns='urn:app'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>later</text>"
        "<resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    const stanza_error e(reply);
    EXPECT_EQ(e.code(), stanza_condition::resource_constraint);
    EXPECT_EQ(e.type(), "wait");
    EXPECT_EQ(e.text(), "later");
    ASSERT_TRUE(e.detail());
    const element* detail = (*e.detail())->child("error");
    EXPECT_NE(detail->child("too-many", "urn:app"), nullptr);
}

stanza_error read_error(const std::string& error_element) {
    return stanza_error(
        stanza::parse("<iq xmlns='jabber:client' type='error'>" + error_element + "</iq>"));
}

TEST(stanza_error, whatever_is_missing_has_a_default) {
    const std::string in_ns = " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>";
    const auto none = read_error("<error type='cancel'/>");
    EXPECT_EQ(none.code(), stanza_condition::undefined_condition);
    EXPECT_EQ(none.condition(), "undefined-condition");

    const auto missing = read_error("");
    EXPECT_EQ(missing.code(), stanza_condition::undefined_condition);
    EXPECT_EQ(missing.type(), "cancel");

    const auto two =
        read_error("<error type='auth'><forbidden" + in_ns + "<gone" + in_ns + "</error>");
    EXPECT_EQ(two.code(), stanza_condition::forbidden);

    const auto unknown = read_error("<error type='odd' by='x'><strange" + in_ns + "</error>");
    EXPECT_EQ(unknown.code(), stanza_condition::undefined_condition);
    EXPECT_EQ(unknown.condition(), "strange");
    EXPECT_EQ(unknown.type(), "cancel");

    const auto legacy = read_error("<error code='404'>Not Found</error>");
    EXPECT_EQ(legacy.condition(), "undefined-condition");

    const auto foreign = read_error("<error type='wait'><forbidden xmlns='urn:other'/></error>");
    EXPECT_EQ(foreign.code(), stanza_condition::undefined_condition);
    EXPECT_EQ(foreign.type(), "wait");
}

TEST(stanza_error, does_not_keep_what_the_reply_repeats) {
    const auto reply = stanza::parse(
        "<iq xmlns='jabber:client' type='error' id='&lt;1' from='a@b' xml:lang='en'>"
        "<vCard xmlns='vcard-temp'>" +
        std::string(100'000, 'x') +
        "</vCard>"
        "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "</error></iq>");
    const stanza_error e(reply);
    EXPECT_EQ((*e.detail())->to_xml(),
              "<iq xmlns='jabber:client' type='error' id='&lt;1' from='a@b' xml:lang='en'>"
              "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
              "</error></iq>");
}

TEST(error_reply, goes_back_without_the_payload) {
    const auto request = stanza::parse(
        "<iq xmlns='jabber:client' type='get' id='&amp;1' from='a@b/c' to='d@e'>"
        "<query xmlns='urn:q'/></iq>");
    EXPECT_EQ(error_reply(request, stanza_error("service-unavailable")).to_xml(),
              "<iq type='error' id='&amp;1' to='a@b/c'><error type='cancel'>"
              "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    EXPECT_EQ(error_reply(request, stanza_error("made-up", "why <not>")).to_xml(),
              "<iq type='error' id='&amp;1' to='a@b/c'><error type='cancel'>"
              "<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
              "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>why &lt;not&gt;</text></error>"
              "</iq>");
}

TEST(error_reply, of_a_component_says_for_whom_it_speaks) {
    const auto request = stanza::parse(
        "<message xmlns='jabber:component:accept' from='a@b' to='x@comp.example' id='1'/>");
    const auto reply = error_reply(request, stanza_error("item-not-found"));
    EXPECT_EQ(reply.name(), "message");
    EXPECT_EQ(reply.from(), "x@comp.example");
}

TEST(error_reply, can_be_read_back) {
    const auto request = stanza::parse("<iq type='set' id='1' from='a@b'><x xmlns='u'/></iq>");
    const auto reply =
        stanza::parse(error_reply(request, stanza_error("not-allowed", "no")).to_xml());
    const stanza_error e(reply);
    EXPECT_EQ(e.code(), stanza_condition::not_allowed);
    EXPECT_EQ(e.text(), "no");
    EXPECT_EQ(reply.id(), "1");
}

TEST(result_reply, carries_the_payload_or_none) {
    const auto request = stanza::parse("<iq xmlns='jabber:client' type='get' id='1' from='a@b'/>");
    EXPECT_EQ(result_reply(request, builder()).to_xml(), "<iq type='result' id='1' to='a@b'/>");
    EXPECT_EQ(result_reply(request, builder("query", "urn:q").c("x")).to_xml(),
              "<iq type='result' id='1' to='a@b'><query xmlns='urn:q'><x/></query></iq>");
    const auto local = stanza::parse("<iq type='get' id='2'/>");
    EXPECT_EQ(result_reply(local, builder()).to_xml(), "<iq type='result' id='2'/>");
}

error read_stream_error(const std::string& children, std::string_view lang = {}) {
    const auto s =
        stanza::parse("<error xmlns='http://etherx.jabber.org/streams'>" + children + "</error>");
    return stream_error_from(s.root(), lang);
}

TEST(stream_error, is_found_by_its_namespace) {
    const std::string in_ns = " xmlns='urn:ietf:params:xml:ns:xmpp-streams'";
    const auto texts =
        "<text" + in_ns + " xml:lang='de'>weg</text><text" + in_ns + " xml:lang='en'>gone</text>";
    const auto e =
        read_stream_error("<escape xmlns='urn:app'/>" + texts + "<conflict" + in_ns + "/>", "en");
    EXPECT_EQ(e.code(), stream_condition::conflict);
    EXPECT_EQ(e.text(), "gone");
    EXPECT_EQ(read_stream_error(texts, "de-AT").text(), "weg");
    EXPECT_EQ(read_stream_error(texts, "fr").text(), "weg");

    const auto unknown = read_stream_error("<strange" + in_ns + "/>");
    EXPECT_EQ(unknown.code(), stream_condition::undefined_condition);
    EXPECT_EQ(unknown.condition(), "strange");
    EXPECT_EQ(read_stream_error("").condition(), "undefined-condition");
}

}  // namespace
}  // namespace xmpp
