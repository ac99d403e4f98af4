#include <xmpp/xmpp.hpp>

#include "base/spawn.hpp"
#include "stream/management/stream_limits.hpp"
#include "support/co_test.hpp"
#include "support/real_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace xmpp::test {
namespace {

class messages : public real_server_test {
 protected:
    connection connect() {
        return connection(
            context.get_executor(),
            fmt::format("xmpp://{}:{}", server().domain(), server().c2s_port()),
            options().connect_address(server().address()).ca_file(server().ca_file()));
    }
    credentials account(const std::string& name) {
        server().add_user(name, "s3cret");
        return credentials(jid(name + "@" + server().domain()), "s3cret");
    }

    asio::io_context context;
};

task<> send_numbers(connection& conn, jid to, int count) {
    for (int i = 0; i < count; ++i) {
        // Not for the servers' archives (XEP-0334): their disks are not what is tested.
        auto numbered = message(to).type("chat").body(fmt::to_string(i));
        numbered.c("no-store", "urn:xmpp:hints");
        co_await conn.send(std::move(numbered));
    }
    co_await conn.flush();
}

int number_in(const stanza& received) {
    const element* body = received->child("body");
    const auto text = body ? body->text() : std::string_view();
    int number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

task<> expect_numbers(async_generator<stanza> stanzas, int count, int* in_order) {
    while (*in_order < count) {
        const auto received = co_await stanzas.next();
        if (!received) throw error(errc::disconnected);
        if (number_in(*received) != *in_order) {
            throw std::runtime_error(
                fmt::format("expected {}, got {}", *in_order, (*received)->to_xml()));
        }
        ++*in_order;
    }
}

task<> echo(connection& conn, async_generator<stanza> stanzas, int count) {
    for (int i = 0; i < count; ++i) {
        const auto received = co_await stanzas.next();
        if (!received) throw error(errc::disconnected);
        const auto* body = (*received)->child("body");
        co_await conn.send(message(received->from()).type("chat").body(body->text()));
    }
}

task<> two_chat(connection& first, credentials one, connection& second, credentials two,
                int* in_order) {
    co_await first.login(std::move(one));
    co_await second.login(std::move(two));
    co_await first.send(presence());
    co_await second.send(presence());
    auto answers = first.stanzas(match().name("message").type("chat"));
    auto questions = second.stanzas(match().name("message").type("chat"));
    detail::spawn(second.get_executor(), echo(second, std::move(questions), 100),
                  [](std::exception_ptr) {});
    co_await send_numbers(first, second.user(), 100);
    co_await expect_numbers(std::move(answers), 100, in_order);
    co_await first.disconnect();
    co_await second.disconnect();
}

TEST_P(messages, go_there_and_back_between_two_connections) {
    auto first = connect();
    auto second = connect();
    int in_order = 0;
    run(context, two_chat(first, account("helena"), second, account("hermia"), &in_order));
    EXPECT_EQ(in_order, 100);
}

#if defined(__SANITIZE_ADDRESS__)
constexpr int many = 10'000;  // the servers' pace is the same, and this is about ours
#else
constexpr int many = 100'000;
#endif

task<> flood(connection& from, credentials one, connection& to, credentials two, int* in_order) {
    co_await from.login(std::move(one));
    co_await to.login(std::move(two));
    co_await to.send(presence());
    auto stanzas = to.stanzas(match().name("message").type("chat"));
    detail::spawn(from.get_executor(), send_numbers(from, to.user(), many),
                  [](std::exception_ptr failure) {
                      if (failure) std::rethrow_exception(failure);
                  });
    co_await expect_numbers(std::move(stanzas), many, in_order);
    co_await from.disconnect();
    co_await to.disconnect();
}

TEST_P(messages, arrive_complete_and_in_order_however_many) {
    auto from = connect();
    auto to = connect();
    int in_order = 0;
    run(context, flood(from, account("oberon"), to, account("titania"), &in_order),
        std::chrono::minutes(5));
    EXPECT_EQ(in_order, many);
}

/// 0: none.
std::size_t announced_size(const connection& conn) {
    const auto features = conn.features();
    const auto found = features ? detail::announced_limits(*features) : detail::stream_limits();
    return found.max_bytes == detail::stream_limits::any_size ? 0 : found.max_bytes;
}

/// A message to ourselves that is too large, and one that is nearly so.
task<> send_large(connection& conn, credentials who, std::size_t* announced, std::error_code* code,
                  std::size_t* arrived) {
    co_await conn.login(std::move(who));
    *announced = announced_size(conn);
    if (*announced == 0) co_return;
    co_await conn.send(presence());
    auto own = conn.stanzas(match().name("message").type("chat"));
    try {
        co_await conn.send(message(conn.user()).type("chat").body(std::string(*announced, 'x')));
    } catch (const error& refused) {
        *code = refused.code();
    }
    // What the server hands on bears our address too.
    co_await conn.send(
        message(conn.user()).type("chat").body(std::string(*announced - 1'000, 'y')));
    const auto received = co_await own.next();
    *arrived = received ? (*received)->child("body")->text().size() : 0;
    co_await conn.disconnect();
}

TEST_P(messages, larger_than_the_server_announces_do_not_end_the_session) {
    auto conn = connect();
    std::size_t announced = 0;
    std::size_t arrived = 0;
    std::error_code code;
    run(context, send_large(conn, account("puck"), &announced, &code, &arrived));
    if (announced == 0) GTEST_SKIP() << "the server announces no limit";
    EXPECT_EQ(code, errc::stanza_too_large);
    EXPECT_EQ(arrived, announced - 1'000);
}

INSTANTIATE_TEST_SUITE_P(real, messages, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
