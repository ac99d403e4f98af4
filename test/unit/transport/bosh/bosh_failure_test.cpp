#include <xmpp/error.hpp>

#include "bosh_support.hpp"
#include "support/co_test.hpp"
#include "transport/bosh/bosh_transport.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using reading = background<std::optional<stanza>>;

constexpr auto stream_error =
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";

/// Begins a session with a raw HTTP answer to its first request. \returns why it failed
task<error> failure_of_beginning(bosh_link& link, std::string answer) {
    auto ours = header();
    background<stanza> opening(link.context, link.wire->open_stream(ours));
    const auto request = co_await link.next();
    request->answer_raw(answer);
    co_await opening.wait();
    co_return error(opening.code(), opening.condition(), {});
}

std::string http(int status, std::string_view body) {
    return fmt::format("HTTP/1.1 {} Word\r\nContent-Length: {}\r\n\r\n{}", status, body.size(),
                       body);
}

CO_TEST(bosh_beginning, without_a_body_is_bad_format) {
    for (const std::string text : {"", "welcome", "<html><head/></html>", "<body/>"}) {
        bosh_link link(context);
        const auto answer = http(200, text);
        const auto failure = co_await failure_of_beginning(link, answer);
        EXPECT_EQ(failure.code(), stream_condition::bad_format) << text;
        EXPECT_EQ(failure.condition(), "bad-format");
        EXPECT_THAT(link.codes, IsEmpty());
    }
}

CO_TEST(bosh_beginning, without_a_session_id_is_bad_format) {
    bosh_link link(context);
    const auto answer = http(200, bosh_body(" wait='60'"));
    const auto failure = co_await failure_of_beginning(link, answer);
    EXPECT_EQ(failure.code(), stream_condition::bad_format);
}

CO_TEST(bosh_beginning, with_another_status_is_that_status) {
    for (const int status : {201, 204, 302}) {
        bosh_link link(context);
        const auto answer = http(status, "");
        const auto failure = co_await failure_of_beginning(link, answer);
        EXPECT_EQ(failure.code(), bosh_condition::undefined_condition);
        EXPECT_EQ(failure.condition(), fmt::format("http-{}", status));
        EXPECT_THAT(link.codes, ElementsAre(status));
    }
}

CO_TEST(bosh_beginning, where_nothing_is_found) {
    bosh_link link(context);
    const auto answer = http(404, "<html/>");
    const auto failure = co_await failure_of_beginning(link, answer);
    EXPECT_EQ(failure.code(), bosh_condition::item_not_found);
    EXPECT_EQ(failure.condition(), "item-not-found");
    EXPECT_THAT(link.codes, ElementsAre(404));
}

CO_TEST(bosh_beginning, is_tried_again_after_a_server_error) {
    bosh_link link(context);
    auto ours = header();
    background<stanza> opening(context, link.wire->open_stream(ours));
    auto request = co_await link.next();
    const auto body = request->body();
    request->answer(503, "");
    request = co_await link.next();
    EXPECT_EQ(request->body(), body);
    request->answer(bosh_body(" sid='s'"));
    co_await opening.wait();
    EXPECT_EQ(opening.code(), std::error_code());
    EXPECT_THAT(link.codes, ElementsAre(503));
}

CO_TEST(bosh_beginning, gives_up_on_a_host_that_refuses) {
    for (const int retries : {0, 1, 2}) {
        bosh_link link(context, impatient(retries));
        link.server.stop_listening();
        auto ours = header();
        background<stanza> opening(context, link.wire->open_stream(ours));
        co_await opening.wait();
        EXPECT_EQ(opening.code(), errc::giving_up);
        EXPECT_EQ(opening.condition(), "giving-up");
        EXPECT_THAT(link.codes, SizeIs(static_cast<std::size_t>(retries) + 1));
        EXPECT_THAT(link.codes, Each(0));
    }
}

CO_TEST(bosh_beginning, reports_a_termination) {
    const std::vector<std::pair<std::string, std::error_code>> cases{
        {bosh_body(" type='terminate' condition='host-unknown'"), bosh_condition::host_unknown},
        {bosh_body(" type='terminate'"), bosh_condition::undefined_condition},
        {bosh_body(" type='terminate' condition='remote-stream-error'", stream_error),
         stream_condition::conflict},
    };
    for (const auto& [body, code] : cases) {
        bosh_link link(context);
        const auto answer = http(200, body);
        const auto failure = co_await failure_of_beginning(link, answer);
        EXPECT_EQ(failure.code(), code) << body;
    }
}

CO_TEST(bosh_session, ends_with_the_servers_condition) {
    bosh_link link(context);
    co_await link.begin();
    reading waiting(context, link.wire->read());
    const auto request = co_await link.next();
    request->answer(
        bosh_body(" type='terminate' condition='system-shutdown'", message("the last")));
    co_await waiting.wait();
    EXPECT_EQ(waiting.result()->id(), "the last");
    reading after(context, link.wire->read());
    co_await after.wait();
    EXPECT_EQ(after.code(), bosh_condition::system_shutdown);
    EXPECT_EQ(after.condition(), "system-shutdown");
}

CO_TEST(bosh_session, ends_without_a_condition) {
    bosh_link link(context);
    co_await link.begin();
    reading waiting(context, link.wire->read());
    const auto request = co_await link.next();
    request->answer(bosh_body(" type='terminate'"));
    co_await waiting.wait();
    EXPECT_EQ(waiting.condition(), "unknown");
}

CO_TEST(bosh_session, ends_with_the_stream_error) {
    bosh_link link(context);
    co_await link.begin();
    reading waiting(context, link.wire->read());
    const auto request = co_await link.next();
    request->answer(bosh_body(" type='terminate' condition='remote-stream-error'", stream_error));
    co_await waiting.wait();
    EXPECT_EQ(waiting.code(), stream_condition::conflict);
}

CO_TEST(bosh_session, ends_with_a_client_error) {
    const std::vector<std::pair<int, std::string>> cases{{400, "bad-request"},
                                                         {403, "policy-violation"},
                                                         {404, "item-not-found"},
                                                         {409, "http-409"},
                                                         {499, "http-499"}};
    for (const auto& [status, condition] : cases) {
        bosh_link link(context);
        co_await link.begin();
        reading waiting(context, link.wire->read());
        const auto held = co_await link.next();
        auto ours = batch("<message/>");
        co_await link.wire->write(ours);
        const auto request = co_await link.next();
        request->answer(status, "");
        co_await waiting.wait();
        EXPECT_EQ(waiting.condition(), condition);
        EXPECT_THAT(link.codes, ElementsAre(status));
        background<bool> writing(context, done(link.wire->write(ours)));
        co_await writing.wait();
        EXPECT_EQ(writing.condition(), condition);
        co_await link.settle();
        EXPECT_EQ(link.server.waiting(), 0U);  // nor is the held one repeated
        EXPECT_THAT(link.codes, ElementsAre(status));
    }
}

CO_TEST(bosh_session, ends_as_the_answer_to_another_request_says) {
    for (const int status : {404, 503}) {
        auto patient = impatient(0);
        patient.last_answers = std::chrono::hours(1);
        bosh_link link(context, patient);
        co_await link.begin();
        reading waiting(context, link.wire->read());
        const auto held = co_await link.next();
        auto ours = batch("<message/>");
        co_await link.wire->write(ours);
        const auto request = co_await link.next();
        request->answer(status, "");
        co_await link.settle();
        held->answer(bosh_body(" type='terminate' condition='remote-stream-error'",
                               message("the last") + stream_error));
        co_await waiting.wait();
        EXPECT_EQ(waiting.result()->id(), "the last");
        reading after(context, link.wire->read());
        co_await after.wait();
        EXPECT_EQ(after.code(), stream_condition::conflict);
    }
}

CO_TEST(bosh_session, survives_two_server_errors) {
    bosh_link link(context);
    co_await link.begin();
    auto ours = batch("<message id='ours'/>");
    co_await link.wire->write(ours);
    reading waiting(context, link.wire->read());
    auto request = co_await link.next();
    const auto body = request->body();
    for (int i = 0; i < 2; ++i) {
        request->answer(500, "");
        request = co_await link.next();
        EXPECT_EQ(request->body(), body);
    }
    request->answer(bosh_body("", message("theirs")));
    co_await waiting.wait();
    EXPECT_EQ(waiting.result()->id(), "theirs");
    EXPECT_THAT(link.codes, ElementsAre(500, 500));
}

CO_TEST(bosh_session, gives_up_after_server_errors_without_end) {
    bosh_link link(context, impatient(3));
    co_await link.begin();
    reading waiting(context, link.wire->read());
    for (int i = 0; i < 4; ++i) {
        const auto request = co_await link.next();
        request->answer(503, "");
    }
    co_await waiting.wait();
    EXPECT_EQ(waiting.code(), errc::giving_up);
    EXPECT_THAT(link.codes, ElementsAre(503, 503, 503, 503));
    co_await link.settle();
    EXPECT_EQ(link.server.waiting(), 0U);
}

CO_TEST(bosh_session, repeats_a_held_request_that_was_cut) {
    bosh_link link(context);
    co_await link.begin();
    reading waiting(context, link.wire->read());
    auto request = co_await link.next();
    const auto body = request->body();
    request->answer_raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<body");
    request = co_await link.next();
    EXPECT_EQ(request->body(), body);
    request->answer(bosh_body("", message("1")));
    co_await waiting.wait();
    EXPECT_EQ(waiting.result()->id(), "1");
    EXPECT_THAT(link.codes, ElementsAre(0));
}

CO_TEST(bosh_session, ends_with_an_answer_that_can_not_be_read) {
    for (const std::string text : {"<body", "", "<html/>", "<body xmlns='other'/>"}) {
        bosh_link link(context);
        co_await link.begin();
        reading waiting(context, link.wire->read());
        const auto request = co_await link.next();
        request->answer(text);
        co_await waiting.wait();
        EXPECT_EQ(waiting.code(), stream_condition::bad_format) << text;
    }
}

CO_TEST(bosh_session, ends_with_an_answer_for_another_session) {
    bosh_link link(context);
    co_await link.begin();
    reading waiting(context, link.wire->read());
    const auto request = co_await link.next();
    request->answer(bosh_body(" sid='other'", message("1")));
    co_await waiting.wait();
    EXPECT_EQ(waiting.code(), stream_condition::bad_format);
}

CO_TEST(bosh_session, repeats_a_request_when_the_server_asks_for_it) {
    bosh_link link(context);
    co_await link.begin();
    reading waiting(context, link.wire->read());
    auto request = co_await link.next();
    const auto rid = request->rid();
    request->answer(bosh_body(" type='error'"));
    request = co_await link.next();
    EXPECT_EQ(request->rid(), rid);
    request->answer(bosh_body("", message("1")));
    co_await waiting.wait();
    EXPECT_EQ(waiting.result()->id(), "1");
    EXPECT_THAT(link.codes, IsEmpty());
}

}  // namespace
}  // namespace xmpp::test
