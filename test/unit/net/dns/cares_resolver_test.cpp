#include <xmpp/error.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "net/dns/name_cache.hpp"
#include "net/dns/resolver.hpp"
#include "support/descriptors.hpp"
#include "support/dns_responder.hpp"
#include "unit/net/net_support.hpp"

#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace xmpp::test {
namespace {

using detail::address_answer;
using detail::dns_outcome;
using detail::srv_answer;
using std::chrono::seconds;
using trouble = dns_reply::trouble;
using completion = detail::resolver::completion;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr auto srv = dns_responder::type_srv;
constexpr auto a = dns_responder::type_a;
constexpr auto aaaa = dns_responder::type_aaaa;
const std::string service = "_xmpp-client._tcp.example.test";

/// Runs the context until that is so, with a limit on real time that only a hanging test reaches.
void run_till(asio::io_context& context, const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            ADD_FAILURE() << "it never came";
            return;
        }
        context.restart();
        context.run_one_for(seconds(1));
    }
}

/// A resolver that asks a name server of the test. Time stands still: the questions' own time limit
/// is the test's to reach.
class cares : public ::testing::Test {
 protected:
    srv_answer ask_services(const std::string& name = service) {
        srv_answer result;
        bool done = false;
        const auto question = resolver->services(name, [&](srv_answer answer) {
            result = std::move(answer);
            done = true;
        });
        EXPECT_FALSE(done) << "the answer came from inside the question";
        run_till(context, [&] { return done; });
        return result;
    }

    /// All parts together.
    address_answer ask_addresses(const std::string& host, completion how = completion::forbidden) {
        address_answer result;
        bool done = false;
        const auto question = resolver->addresses(host, how, [&](address_answer part, bool last) {
            auto& all = result.addresses;
            all.insert(all.end(), part.addresses.begin(), part.addresses.end());
            result.outcome = part.outcome;
            result.problem = part.problem;
            done = last;
        });
        run_till(context, [&] { return done; });
        return result;
    }

    asio::io_context context;
    dns_responder names{context};
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    std::shared_ptr<detail::resolver> resolver =
        detail::make_cares_resolver(context.get_executor(), time, {names.address()});
};

TEST_F(cares, finds_services) {
    names.answer(service, srv,
                 dns_reply().srv(10, 60, 5222, "one.test").srv(20, 0, 5269, "two.test"));
    const auto answer = ask_services();
    EXPECT_EQ(answer.outcome, dns_outcome::found);
    ASSERT_EQ(answer.records.size(), 2u);
    EXPECT_EQ(answer.records[0].target, "one.test");
    EXPECT_EQ(answer.records[0].weight, 60);
    EXPECT_EQ(answer.records[1].port, 5269);
}

TEST_F(cares, follows_aliases) {
    names.answer(service, srv, dns_reply().cname("alias.test").srv(1, 1, 5222, "one.test"));
    EXPECT_EQ(ask_services().records.size(), 1u);
    names.answer("one.test", a, dns_reply().cname("host.test").a("192.0.2.1"));
    EXPECT_THAT(ask_addresses("one.test").addresses, ElementsAre("192.0.2.1"));
}

TEST_F(cares, tells_ways_of_having_nothing_apart) {
    EXPECT_EQ(ask_services().outcome, dns_outcome::no_such_name);
    names.answer(service, srv, dns_reply());
    EXPECT_EQ(ask_services().outcome, dns_outcome::no_data);
    names.answer(service, srv, dns_reply().cname("nowhere.test"));
    EXPECT_EQ(ask_services().outcome, dns_outcome::no_data);
}

TEST_F(cares, a_name_server_that_fails_is_named) {
    names.answer(service, srv, dns_reply().code(2));
    auto answer = ask_services();
    EXPECT_EQ(answer.outcome, dns_outcome::failed);
    EXPECT_THAT(reason_of(answer), HasSubstr("SERVFAIL"));
    names.answer(service, srv, dns_reply().code(5));
    answer = ask_services();
    EXPECT_EQ(answer.outcome, dns_outcome::failed);
    EXPECT_THAT(reason_of(answer), HasSubstr("REFUSED"));
}

TEST_F(cares, a_silent_name_server_is_given_up) {
    names.answer(service, srv, dns_reply().with(trouble::silence));
    srv_answer result;
    bool done = false;
    const auto begin = time->now();
    const auto question = resolver->services(service, [&](srv_answer answer) {
        result = std::move(answer);
        done = true;
    });
    run_till(context, [&] { return names.times(service, srv) == 1; });
    time->advance(seconds(5));
    run_till(context, [&] { return done; });
    EXPECT_EQ(result.outcome, dns_outcome::no_answer);
    EXPECT_EQ(time->now() - begin, seconds(5));
    EXPECT_EQ(time->pending(), 0u);
}

TEST_F(cares, no_name_server_at_all_is_no_answer) {
    std::string nobody;
    {
        const dns_responder gone(context);
        nobody = gone.address();
    }
    run_what_can(context);
    resolver = detail::make_cares_resolver(context.get_executor(), time, {nobody});
    const auto answer = ask_services();
    EXPECT_EQ(answer.outcome, dns_outcome::no_answer);
    EXPECT_THAT(reason_of(answer), HasSubstr("no name server can be reached"));
}

TEST_F(cares, asks_again_by_tcp_for_what_does_not_fit) {
    auto many = dns_reply().with(trouble::truncated);
    for (unsigned i = 0; i < 100; ++i) many.srv(i, 0, 5222, fmt::format("host{}.test", i));
    names.answer(service, srv, many);
    const auto answer = ask_services();
    ASSERT_EQ(answer.records.size(), 100u);
    EXPECT_EQ(answer.records.back().target, "host99.test");
    EXPECT_TRUE(names.questions().back().tcp);
}

TEST_F(cares, takes_no_answer_but_its_own) {
    for (const auto kind : {trouble::wrong_id, trouble::wrong_question, trouble::other_port}) {
        names.answer(service, srv, dns_reply().srv(1, 1, 5222, "true.test").with(kind));
        const auto answer = ask_services();
        ASSERT_EQ(answer.records.size(), 1u);
        EXPECT_EQ(answer.records[0].target, "true.test");
    }
}

TEST_F(cares, an_answer_without_sense_is_a_failure) {
    for (const auto kind : {trouble::garbage, trouble::name_loop}) {
        names.answer(service, srv, dns_reply().with(kind));
        const auto answer = ask_services();
        EXPECT_EQ(answer.outcome, dns_outcome::failed);
        EXPECT_THAT(reason_of(answer), HasSubstr("makes no sense"));
    }
}

TEST_F(cares, finds_addresses_of_both_families) {
    names.answer("host.test", a, dns_reply().a("192.0.2.1").a("192.0.2.2"));
    names.answer("host.test", aaaa, dns_reply().aaaa("2001:db8::1"));
    EXPECT_THAT(ask_addresses("host.test").addresses,
                UnorderedElementsAre("192.0.2.1", "192.0.2.2", "2001:db8::1"));
    EXPECT_EQ(names.times("host.test", a), 1);
    EXPECT_EQ(names.times("host.test", aaaa), 1);
}

TEST_F(cares, hands_on_one_family_while_the_other_is_silent) {
    names.answer("half.test", a, dns_reply().a("192.0.2.1"));
    names.answer("half.test", aaaa, dns_reply().with(trouble::silence));
    std::vector<std::string> first;
    bool last_came = false;
    const auto question = resolver->addresses("half.test", completion::forbidden,
                                              [&](const address_answer& part, bool last) {
                                                  if (!last) first = part.addresses;
                                                  last_came = last;
                                              });
    run_till(context, [&] { return !first.empty(); });
    EXPECT_THAT(first, ElementsAre("192.0.2.1"));
    time->advance(seconds(5));
    run_till(context, [&] { return last_came; });
}

TEST_F(cares, says_why_a_host_has_no_address) {
    EXPECT_EQ(ask_addresses("nowhere.test").outcome, dns_outcome::no_such_name);
    names.answer("fail.test", a, dns_reply().code(2));
    names.answer("fail.test", aaaa, dns_reply().code(2));
    const auto failed = ask_addresses("fail.test");
    EXPECT_TRUE(failed.addresses.empty());
    EXPECT_THAT(reason_of(failed), HasSubstr("name server"));
}

TEST_F(cares, finds_this_machine_without_asking) {
    const auto answer = ask_addresses("localhost");
    EXPECT_THAT(answer.addresses, ::testing::Contains("127.0.0.1"));
    EXPECT_TRUE(names.questions().empty());
}

TEST_F(cares, keeps_answers_as_long_as_they_allow) {
    names.answer(service, srv, dns_reply().ttl(60).srv(1, 1, 5222, "host.test"));
    names.answer("host.test", a, dns_reply().ttl(30).a("192.0.2.1"));
    names.answer("host.test", aaaa, dns_reply());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ask_services().records.size(), 1u);
        EXPECT_THAT(ask_addresses("host.test").addresses, ElementsAre("192.0.2.1"));
    }
    EXPECT_EQ(names.times(service, srv), 1);
    EXPECT_EQ(names.times("host.test", a), 1);
    time->advance(seconds(30));
    ask_services();
    ask_addresses("host.test");
    EXPECT_EQ(names.times(service, srv), 1);
    EXPECT_EQ(names.times("host.test", a), 2);
    time->advance(seconds(30));
    ask_services();
    EXPECT_EQ(names.times(service, srv), 2);
}

TEST_F(cares, asks_again_for_what_was_forgotten) {
    names.answer(service, srv, dns_reply().ttl(3'600).srv(1, 1, 5222, "host.test"));
    names.answer("host.test", a, dns_reply().ttl(3'600).a("192.0.2.1"));
    names.answer("host.test", aaaa, dns_reply());
    ask_services();
    ask_addresses("host.test");
    detail::forget_names("other.test");
    ask_services();
    EXPECT_EQ(names.times(service, srv), 1);
    detail::forget_names("example.test");
    ask_services();
    ask_addresses("host.test");
    EXPECT_EQ(names.times(service, srv), 2);
    EXPECT_EQ(names.times("host.test", a), 2) << "the addresses of its services are forgotten too";
    detail::forget_names("host.test");
    ask_addresses("host.test");
    EXPECT_EQ(names.times("host.test", a), 3);
    detail::forget_all_names();
    ask_services();
    ask_addresses("host.test");
    EXPECT_EQ(names.times(service, srv), 3);
    EXPECT_EQ(names.times("host.test", a), 4);
}

TEST_F(cares, does_not_keep_an_answer_of_the_network_before) {
    names.answer(service, srv, dns_reply().ttl(3'600).srv(1, 1, 5222, "host.test"));
    bool done = false;
    const auto question = resolver->services(service, [&](const srv_answer&) { done = true; });
    detail::forget_all_names();
    run_till(context, [&] { return done; });
    ask_services();
    EXPECT_EQ(names.times(service, srv), 2);
}

TEST_F(cares, takes_no_service_of_another_name) {
    names.answer(service, srv,
                 dns_reply().ttl(3'600).as("other.test").srv(1, 1, 5222, "evil.test"));
    const auto answer = ask_services();
    EXPECT_EQ(answer.outcome, dns_outcome::no_data);
    EXPECT_TRUE(answer.records.empty());
}

TEST_F(cares, keeps_a_no_for_a_minute_at_most) {
    names.answer(service, srv, dns_reply().code(3).soa(3'600));
    ask_services();
    time->advance(seconds(59));
    EXPECT_EQ(ask_services().outcome, dns_outcome::no_such_name);
    EXPECT_EQ(names.times(service, srv), 1);
    time->advance(seconds(1));
    ask_services();
    EXPECT_EQ(names.times(service, srv), 2);
}

TEST_F(cares, does_not_keep_failures) {
    names.answer(service, srv, dns_reply().code(2));
    ask_services();
    names.answer(service, srv, dns_reply().srv(1, 1, 5222, "host.test"));
    EXPECT_EQ(ask_services().outcome, dns_outcome::found);
}

TEST_F(cares, another_name_server_has_its_own_answers) {
    names.answer(service, srv, dns_reply().ttl(60).srv(1, 1, 5222, "one.test"));
    ask_services();
    dns_responder others(context);
    others.answer(service, srv, dns_reply().ttl(60).srv(1, 1, 5222, "two.test"));
    resolver = detail::make_cares_resolver(context.get_executor(), time, {others.address()});
    EXPECT_EQ(ask_services().records.at(0).target, "two.test");
}

TEST_F(cares, lets_no_program_that_is_started_inherit_its_sockets) {
    names.answer(service, srv, dns_reply().with(trouble::silence));
    const auto before = inheritable_descriptors();
    const auto question = resolver->services(service, [](const srv_answer&) {});
    run_till(context, [&] { return names.times(service, srv) == 1; });
    EXPECT_EQ(inheritable_descriptors(), before);
}

TEST_F(cares, a_question_that_is_taken_back_leaves_nothing_behind) {
    names.answer(service, srv, dns_reply().srv(1, 1, 5222, "host.test"));
    auto first = resolver->services(service, [](const srv_answer&) { ADD_FAILURE(); });
    auto second = resolver->addresses("host.test", completion::allowed,
                                      [](const address_answer&, bool) { ADD_FAILURE(); });
    first.reset();
    run_till(context, [&] { return !names.questions().empty(); });
    second.reset();
    EXPECT_EQ(time->pending(), 0u);
    EXPECT_EQ(ask_services().outcome, dns_outcome::found);
}

TEST_F(cares, answers_once_however_answer_and_time_limit_meet) {
    names.answer(service, srv, dns_reply().srv(1, 1, 5222, "host.test"));
    names.answer("host.test", a, dns_reply().a("192.0.2.1"));
    for (int steps = 0; steps < 40; ++steps) {
        int answers = 0;
        bool last_came = false;
        const auto first = resolver->services(service, [&](const srv_answer&) { ++answers; });
        const auto second = resolver->addresses("host.test", completion::forbidden,
                                                [&](const address_answer&, bool last) {
                                                    EXPECT_FALSE(last_came);
                                                    last_came = last;
                                                });
        context.restart();
        for (int i = 0; i < steps; ++i) context.poll_one();
        time->advance(seconds(5));
        run_till(context, [&] { return answers > 0 && last_came; });
        run_what_can(context);
        EXPECT_EQ(answers, 1);
    }
}

TEST_F(cares, completes_a_name_only_where_that_is_allowed) {
    setenv("LOCALDOMAIN", "corp.test", 1);
    names.answer("host.corp.test", a, dns_reply().a("192.0.2.1"));
    EXPECT_THAT(ask_addresses("host", completion::allowed).addresses, ElementsAre("192.0.2.1"));
    EXPECT_THAT(ask_addresses("host", completion::forbidden).addresses, ElementsAre());
    ask_services("_xmpp-client._tcp.nowhere");
    unsetenv("LOCALDOMAIN");
    EXPECT_EQ(names.times("_xmpp-client._tcp.nowhere", srv), 1);
    EXPECT_EQ(names.times("_xmpp-client._tcp.nowhere.corp.test", srv), 0);
}

TEST(cares_context, may_go_while_questions_are_open) {
    auto context = std::make_unique<asio::io_context>();
    auto names = std::make_unique<dns_responder>(*context);
    names->answer(service, srv, dns_reply().with(trouble::silence));
    const auto resolver =
        detail::make_cares_resolver(context->get_executor(), clock::steady(), {names->address()});
    const auto wait = [](asio::any_io_executor executor,
                         std::shared_ptr<detail::resolver> asked) -> task<> {
        const auto question = asked->services(service, [](const srv_answer&) { ADD_FAILURE(); });
        detail::event never(executor);
        co_await never.wait();
    };
    bool resumed = false;
    detail::spawn(context->get_executor(), wait(context->get_executor(), resolver),
                  [&](std::exception_ptr) { resumed = true; });
    run_till(*context, [&] { return names->times(service, srv) == 1; });
    names.reset();
    context.reset();
    EXPECT_FALSE(resumed);
}

TEST(cares_threads, ask_side_by_side) {
    std::atomic<int> answered = 0;
    const auto work = [&answered] {
        asio::io_context context;
        dns_responder names(context);
        names.answer(service, srv, dns_reply().ttl(60).srv(1, 1, 5222, "host.test"));
        const auto resolver =
            detail::make_cares_resolver(context.get_executor(), clock::steady(), {names.address()});
        for (int i = 0; i < 20; ++i) {
            bool done = false;
            const auto question = resolver->services(service, [&](const srv_answer& answer) {
                if (answer.records.size() == 1) ++answered;
                done = true;
            });
            run_till(context, [&] { return done; });
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
    for (auto& each : threads) each.join();
    EXPECT_EQ(answered, 80);
}

TEST(name_servers, are_addresses_with_a_port_or_without) {
    asio::io_context context;
    const auto make = [&](const std::string& server) {
        detail::make_resolver(context.get_executor(), clock::steady(), {server});
    };
    for (const char* good : {"192.0.2.53", "192.0.2.53:5353", "[2001:db8::1]:53", "2001:db8::1"}) {
        EXPECT_NO_THROW(make(good)) << good;
    }
    for (const char* bad : {"", "ns.example.org", "192.0.2.53:0", "192.0.2.53:70000", "[::1"}) {
        EXPECT_EQ(code_of([&] { make(bad); }), make_error_code(errc::invalid_options)) << bad;
    }
}

}  // namespace
}  // namespace xmpp::test
