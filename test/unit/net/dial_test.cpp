#include "net/dial.hpp"

#include <xmpp/error.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "net/tcp_socket.hpp"
#include "net_support.hpp"
#include "support/co_test.hpp"

#include <asio/error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace xmpp::test {
namespace {

using detail::dial;
using detail::endpoint;
using detail::interleave;
using detail::resolver;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Knows what it is told.
class known_names final : public resolver {
 public:
    explicit known_names(std::map<std::string, std::vector<std::string>> names)
        : names_(std::move(names)) {}

    task<std::vector<std::string>> resolve(std::string host) override {
        const auto found = names_.find(host);
        if (found == names_.end()) {
            throw error(errc::host_not_found, "looking up '" + host + "': no such name");
        }
        co_return found->second;
    }

 private:
    std::map<std::string, std::vector<std::string>> names_;
};

/// Never answers.
class silent_names final : public resolver {
 public:
    explicit silent_names(const asio::any_io_executor& executor) : never_(executor) {}
    task<std::vector<std::string>> resolve(std::string) override {
        co_await never_.wait();
        co_return std::vector<std::string>();
    }

 private:
    detail::event never_;
};

std::shared_ptr<resolver> names(std::map<std::string, std::vector<std::string>> known = {}) {
    return std::make_shared<known_names>(std::move(known));
}

class listener {
 public:
    explicit listener(asio::io_context& context)
        : acceptor_(context, {asio::ip::address_v4::loopback(), 0}) {}
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void close() { acceptor_.close(); }

 private:
    asio::ip::tcp::acceptor acceptor_;
};

/// A port that nobody listens on.
std::uint16_t closed_port(asio::io_context& context) {
    listener once(context);
    return once.port();
}

task<> ignore_stream(task<std::unique_ptr<detail::tcp_stream>> work) {
    co_await std::move(work);
}

CO_TEST(dial, connects_to_an_address_without_a_look_up) {
    const listener server(context);
    std::vector<endpoint> places{endpoint("127.0.0.1", server.port())};
    const auto stream = co_await dial(places, names());
    EXPECT_EQ(stream->peer(), "127.0.0.1:" + std::to_string(server.port()));
}

CO_TEST(dial, goes_on_to_the_next_address_and_the_next_endpoint) {
    const listener server(context);
    const auto known =
        names({{"gone.test", {"127.0.0.1"}}, {"half.test", {"127.0.0.9", "127.0.0.1"}}});
    std::vector<endpoint> places{endpoint("unknown.test", 1),
                                 endpoint("gone.test", closed_port(context)),
                                 endpoint("half.test", server.port())};
    const auto stream = co_await dial(places, known);
    EXPECT_EQ(stream->peer(), "127.0.0.1:" + std::to_string(server.port()));
}

CO_TEST(dial, says_what_became_of_each_address) {
    const auto port = closed_port(context);
    const auto known = names({{"chat.test", {"127.0.0.1", "127.0.0.2"}}});
    std::vector<endpoint> places{endpoint("chat.test", port), endpoint("unknown.test", 5222),
                                 endpoint("[::1]", port)};
    const auto failure = co_await failure_of(ignore_stream(dial(places, known)));
    EXPECT_EQ(code_of(failure), make_error_code(errc::connection_refused));
    const auto text = explanation_of(failure);
    const auto number = std::to_string(port);
    EXPECT_THAT(text, HasSubstr("'chat.test' port " + number + " at 127.0.0.1:" + number + ": "));
    EXPECT_THAT(text, HasSubstr("127.0.0.2:" + number + ": Connection refused"));
    EXPECT_THAT(text, HasSubstr("looking up 'unknown.test': no such name"));
    EXPECT_THAT(text, HasSubstr("[::1]:" + number));
}

CO_TEST(dial, calls_it_host_not_found_when_no_name_has_an_address) {
    std::vector<endpoint> places{endpoint("unknown.test", 5222)};
    const auto failure = co_await failure_of(ignore_stream(dial(places, names())));
    EXPECT_EQ(code_of(failure), make_error_code(errc::host_not_found));
    EXPECT_THAT(explanation_of(failure), HasSubstr("unknown.test"));
    std::vector<endpoint> nowhere;
    const auto nothing = co_await failure_of(ignore_stream(dial(nowhere, names())));
    EXPECT_EQ(code_of(nothing), make_error_code(errc::host_not_found));
}

TEST(dial, ends_at_once_when_cancelled_in_a_look_up) {
    asio::io_context context;
    std::error_code code;
    std::vector<endpoint> places{endpoint("slow.test", 5222)};
    detail::job dialling;
    dialling.start(
        context.get_executor(),
        ignore_stream(dial(places, std::make_shared<silent_names>(context.get_executor()))),
        [&](std::exception_ptr failure) { code = code_of(failure); });
    run_what_can(context);
    dialling.cancel();
    run_what_can(context);
    EXPECT_EQ(code, std::error_code(asio::error::operation_aborted));
}

TEST(dial, leaves_nothing_behind_when_the_context_goes) {
    auto context = std::make_unique<asio::io_context>();
    bool resumed = false;
    std::vector<endpoint> places{endpoint("slow.test", 5222)};
    detail::spawn(
        context->get_executor(),
        ignore_stream(dial(places, std::make_shared<silent_names>(context->get_executor()))),
        [&](std::exception_ptr) { resumed = true; });
    run_what_can(*context);
    context.reset();
    EXPECT_FALSE(resumed);
}

TEST(interleave, takes_turns_between_the_families) {
    EXPECT_THAT(interleave({"::1", "::2", "10.0.0.1", "10.0.0.2", "10.0.0.3"}),
                ElementsAre("::1", "10.0.0.1", "::2", "10.0.0.2", "10.0.0.3"));
    EXPECT_THAT(interleave({"10.0.0.1", "::1"}), ElementsAre("10.0.0.1", "::1"));
    EXPECT_THAT(interleave({"10.0.0.1", "10.0.0.2"}), ElementsAre("10.0.0.1", "10.0.0.2"));
    EXPECT_THAT(interleave({}), ElementsAre());
}

CO_TEST(system_resolver, finds_the_addresses_of_this_machine) {
    const auto system = detail::make_system_resolver(context.get_executor());
    const auto addresses = co_await system->resolve("localhost");
    EXPECT_THAT(addresses, ::testing::Contains(::testing::AnyOf("127.0.0.1", "::1")));
}

CO_TEST(system_resolver, says_which_name_it_did_not_find) {
    const auto system = detail::make_system_resolver(context.get_executor());
    // No label may have more than 63 characters, so that no name server is asked.
    const std::string impossible = std::string(70, 'x') + ".test";
    std::exception_ptr failure;
    try {
        co_await system->resolve(impossible);
    } catch (...) {
        failure = std::current_exception();
    }
    EXPECT_EQ(code_of(failure), make_error_code(errc::host_not_found));
    EXPECT_THAT(explanation_of(failure), HasSubstr(impossible));
}

TEST(system_resolver, is_abandoned_when_cancelled) {
    asio::io_context context;
    const auto system = detail::make_system_resolver(context.get_executor());
    const auto look_up = [](std::shared_ptr<resolver> from) -> task<> {
        co_await from->resolve("localhost");
        // Had the answer come first, this would be the end.
        auto executor = co_await asio::this_coro::executor;
        detail::event never(executor);
        co_await never.wait();
    };
    std::error_code code;
    detail::job looking;
    looking.start(context.get_executor(), look_up(system),
                  [&](std::exception_ptr failure) { code = code_of(failure); });
    context.poll_one();
    looking.cancel();
    context.run();
    EXPECT_EQ(code, std::error_code(asio::error::operation_aborted));
}

}  // namespace
}  // namespace xmpp::test
