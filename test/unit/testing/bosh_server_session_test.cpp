#include "testing/server/web/bosh_server_session.hpp"

#include <xmpp/testing/virtual_clock.hpp>

#include "base/spawn.hpp"

#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail::serving {
namespace {

using namespace std::chrono_literals;

/// What became of a request.
struct outcome {
    bool over = false;
    std::optional<std::string> answer;  // nothing when it was cut
};

task<> exchange(std::shared_ptr<bosh_server_session> session, bosh_response request,
                std::shared_ptr<outcome> into) {
    into->answer = co_await bosh_server_session::exchange(session, std::move(request));
    into->over = true;
}

task<> write(bosh_server_session& session, std::string bytes) {
    co_await session.write(bytes);
}

task<> read_all(std::shared_ptr<bosh_server_session> session, std::string* into) {
    for (;;) {
        const auto bytes = co_await session->read();
        if (bytes.empty()) break;
        *into += bytes;
    }
    *into += "[end]";
}

bosh_response read(std::string_view xml) {
    return bosh_body_reader(xml_limits()).read(xml);
}
std::string body(std::uint64_t rid, std::string_view attributes = {},
                 std::string_view content = {}) {
    return fmt::format("<body xmlns='http://jabber.org/protocol/httpbind' rid='{}' {}>{}</body>",
                       rid, attributes, content);
}
std::string note(std::string_view id) {
    return fmt::format("<message xmlns='jabber:client' id='{}'/>", id);
}

const std::string first_request = body(10, "to='example.test' wait='20' hold='1' xml:lang='en'");

class bosh_server_session_test : public ::testing::Test {
 protected:
    bosh_server_session_test()
        : session(std::make_shared<bosh_server_session>(context.get_executor(), time,
                                                        read(first_request))) {
        start(read_all(session, &taken));
        creation = post(first_request);
    }
    ~bosh_server_session_test() override {
        session->abort();
        testing::run_until_idle(context);
    }

    void start(task<> work) {
        spawn(context.get_executor(), std::move(work), [](const std::exception_ptr&) {});
        testing::run_until_idle(context);
    }
    std::shared_ptr<outcome> post(const std::string& xml) {
        auto result = std::make_shared<outcome>();
        start(exchange(session, read(xml), result));
        return result;
    }
    /// What the server says.
    void say(std::string bytes) { start(write(*session, std::move(bytes))); }
    void greet() {
        say("<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams' from='example.test' id='i'>"
            "<stream:features/>");
    }

    asio::io_context context;
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    std::shared_ptr<bosh_server_session> session;
    std::string taken;  // what the client has sent, as a stream
    std::shared_ptr<outcome> creation;
};

TEST_F(bosh_server_session_test, begins_with_the_servers_header_and_features) {
    EXPECT_TRUE(taken.starts_with("<?xml version='1.0'?><stream:stream")) << taken;
    EXPECT_NE(taken.find("to='example.test'"), taken.npos) << taken;
    EXPECT_FALSE(creation->over);
    greet();
    ASSERT_TRUE(creation->over);
    const auto answer = read(*creation->answer);
    EXPECT_EQ(answer.attr("sid"), session->sid());
    EXPECT_EQ(answer.attr("wait"), "20");
    EXPECT_EQ(answer.attr("hold"), "1");
    EXPECT_EQ(answer.attr("requests"), "2");
    EXPECT_EQ(answer.attr("from"), "example.test");
    EXPECT_EQ(answer.attr("authid"), "i");
    ASSERT_EQ(answer.elements.size(), 1u);
    EXPECT_EQ(answer.elements[0]->name(), "features");
}

TEST_F(bosh_server_session_test, holds_one_request_until_there_is_something_to_say) {
    greet();
    const auto held = post(body(11));
    EXPECT_FALSE(held->over);
    say(note("1"));
    ASSERT_TRUE(held->over);
    EXPECT_EQ(read(*held->answer).elements.at(0).id(), "1");
}

TEST_F(bosh_server_session_test, answers_the_older_of_two_requests) {
    greet();
    const auto older = post(body(11));
    const auto newer = post(body(12, "", note("a")));
    EXPECT_TRUE(older->over);
    EXPECT_FALSE(newer->over);
    EXPECT_TRUE(read(*older->answer).elements.empty());
    EXPECT_NE(taken.find("id='a'"), taken.npos) << taken;
}

TEST_F(bosh_server_session_test, answers_in_the_time_that_the_client_wants) {
    greet();
    const auto held = post(body(11));
    testing::run_for(context, *time, 19s);
    EXPECT_FALSE(held->over);
    testing::run_for(context, *time, 2s);
    ASSERT_TRUE(held->over);
    EXPECT_TRUE(read(*held->answer).elements.empty());
}

TEST_F(bosh_server_session_test, takes_requests_in_the_order_of_their_ids_and_each_once) {
    greet();
    const auto third = post(body(13, "", note("c")));
    const auto second = post(body(12, "", note("b")));
    EXPECT_EQ(taken.find("<message"), taken.npos) << taken;
    const auto first = post(body(11, "", note("a")));
    post(body(13, "", note("c")));
    const auto a = taken.find("id='a'");
    const auto b = taken.find("id='b'");
    const auto c = taken.find("id='c'");
    EXPECT_TRUE(a < b && b < c && c != taken.npos) << taken;
    EXPECT_EQ(taken.find("id='c'", c + 1), taken.npos) << taken;
    EXPECT_TRUE(first->over && second->over);
    EXPECT_TRUE(third->over && !third->answer) << "it was asked again on another connection";
}

TEST_F(bosh_server_session_test, repeats_its_answer) {
    greet();
    const auto held = post(body(11));
    say(note("1"));
    const auto again = post(body(11));
    ASSERT_TRUE(again->over);
    EXPECT_EQ(again->answer, held->answer);
}

TEST_F(bosh_server_session_test, ends_over_a_request_far_ahead) {
    greet();
    const auto stray = post(body(500));
    ASSERT_TRUE(stray->over);
    EXPECT_EQ(read(*stray->answer).attr("condition"), "item-not-found");
    const auto next = post(body(11));
    EXPECT_EQ(read(*next->answer).attr("type"), "terminate");
}

TEST_F(bosh_server_session_test, begins_the_stream_anew) {
    greet();
    taken.clear();
    const auto restart =
        post(body(11, "xmlns:xmpp='urn:xmpp:xbosh' xmpp:restart='true' to='example.test'"));
    EXPECT_TRUE(taken.starts_with("<?xml version='1.0'?><stream:stream")) << taken;
    greet();
    ASSERT_TRUE(restart->over);
    const auto answer = read(*restart->answer);
    EXPECT_EQ(answer.attr("authid"), "");
    EXPECT_EQ(answer.elements.at(0)->name(), "features");
}

TEST_F(bosh_server_session_test, ends_as_the_client_wants) {
    greet();
    const auto held = post(body(11));
    const auto last = post(body(12, "type='terminate'", "<presence xmlns='jabber:client'/>"));
    EXPECT_TRUE(taken.ends_with("</stream:stream>[end]")) << taken;
    say("</stream:stream>");
    ASSERT_TRUE(held->over && last->over);
    EXPECT_EQ(read(*last->answer).attr("type"), "terminate");
    EXPECT_EQ(read(*last->answer).attr("condition"), "");
}

TEST_F(bosh_server_session_test, tells_of_the_servers_end_with_the_error) {
    greet();
    say("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        "</stream:stream>");
    const auto next = post(body(11));
    ASSERT_TRUE(next->over);
    const auto answer = read(*next->answer);
    EXPECT_EQ(answer.attr("type"), "terminate");
    EXPECT_EQ(answer.attr("condition"), "remote-stream-error");
    try {
        std::rethrow_exception(bosh_termination(answer));
    } catch (const error& why) {
        EXPECT_EQ(why.code(), stream_condition::conflict);
    }
    EXPECT_TRUE(taken.ends_with("[end]")) << taken;
}

TEST_F(bosh_server_session_test, is_over_when_the_client_asks_for_nothing_any_more) {
    greet();
    testing::run_for(context, *time, 61s);
    const auto late = post(body(11));
    EXPECT_EQ(read(*late->answer).attr("condition"), "item-not-found");
}

TEST_F(bosh_server_session_test, cuts_what_it_holds_when_it_is_dropped) {
    greet();
    const auto held = post(body(11));
    session->abort();
    testing::run_until_idle(context);
    EXPECT_TRUE(held->over);
    EXPECT_FALSE(held->answer);
}

}  // namespace
}  // namespace xmpp::detail::serving
