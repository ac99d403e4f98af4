#include "net/dial/discovery.hpp"

#include <xmpp/error.hpp>
#include <xmpp/testing/virtual_clock.hpp>

#include "dial_support.hpp"
#include "unit/net/net_support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xmpp::test {
namespace {

using detail::choose_places;
using detail::discovered;
using detail::dns_outcome;
using detail::endpoint;
using detail::service_answer;
using detail::srv_answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string direct_tls_name = "_xmpps-client._tcp.example.org";
const std::string starttls_name = "_xmpp-client._tcp.example.org";

detail::srv_record record(unsigned priority, unsigned port, const std::string& target) {
    detail::srv_record made;
    made.priority = static_cast<std::uint16_t>(priority);
    made.port = static_cast<std::uint16_t>(port);
    made.target = target;
    return made;
}

srv_answer found(std::vector<detail::srv_record> records) {
    srv_answer answer;
    answer.outcome = dns_outcome::found;
    answer.records = std::move(records);
    return answer;
}

srv_answer none(dns_outcome outcome, const std::string& problem = {}) {
    srv_answer answer;
    answer.outcome = outcome;
    answer.problem = problem;
    return answer;
}

discovered choose(srv_answer direct_tls, srv_answer starttls) {
    std::vector<service_answer> answers;
    answers.push_back({direct_tls_name, true, std::move(direct_tls)});
    answers.push_back({starttls_name, false, std::move(starttls)});
    return choose_places("example.org", answers, lowest);
}

/// "xmpps://a.test:5223"
std::vector<std::string> to_text(const discovered& from) {
    std::vector<std::string> urls;
    for (const auto& place : from.places) {
        urls.push_back(fmt::format("{}://{}:{}", place.direct_tls() ? "xmpps" : "xmpp",
                                   place.host(), place.port()));
    }
    return urls;
}

std::string why_not(srv_answer direct_tls, srv_answer starttls, errc code) {
    try {
        choose(std::move(direct_tls), std::move(starttls));
    } catch (const error& failure) {
        EXPECT_EQ(failure.code(), make_error_code(code));
        return std::string(failure.explanation());
    }
    ADD_FAILURE() << "places were found";
    return {};
}

TEST(discovery, mixes_both_services_by_priority) {
    const auto places = choose(found({record(10, 5223, "a.test"), record(30, 443, "c.test")}),
                               found({record(20, 5222, "b.test")}));
    EXPECT_THAT(to_text(places),
                ElementsAre("xmpps://a.test:5223", "xmpp://b.test:5222", "xmpps://c.test:443"));
    for (const auto& place : places.places) {
        EXPECT_EQ(place.how(), endpoint::completion::forbidden);
    }
    EXPECT_EQ(places.account, "DNS: " + direct_tls_name +
                                  ": 'a.test' port 5223, 'c.test' port 443; " + starttls_name +
                                  ": 'b.test' port 5222");
}

TEST(discovery, nothing_there_means_the_domain_itself) {
    for (const auto& nothing : {none(dns_outcome::no_data), none(dns_outcome::no_such_name)}) {
        const auto places = choose(none(dns_outcome::no_such_name), nothing);
        EXPECT_THAT(to_text(places), ElementsAre("xmpp://example.org:5222"));
        EXPECT_THAT(places.account, HasSubstr(direct_tls_name + ": no such name"));
        EXPECT_THAT(places.account, HasSubstr("so 'example.org' itself"));
    }
}

TEST(discovery, no_answer_means_the_domain_itself) {
    const auto places = choose(none(dns_outcome::no_answer), none(dns_outcome::no_answer));
    EXPECT_THAT(to_text(places), ElementsAre("xmpp://example.org:5222"));
    EXPECT_THAT(places.account, HasSubstr("no answer from the name server"));
}

TEST(discovery, a_failing_name_server_is_an_error) {
    for (const auto& other : {none(dns_outcome::no_such_name), none(dns_outcome::no_answer),
                              found({record(0, 0, ".")})}) {
        const auto text =
            why_not(other, none(dns_outcome::failed, "the name server failed (SERVFAIL)"),
                    errc::host_not_found);
        EXPECT_THAT(text, HasSubstr(starttls_name + ": the name server failed (SERVFAIL)"));
        EXPECT_THAT(text, HasSubstr("try again later"));
    }
}

TEST(discovery, records_of_one_service_do_when_the_other_fails) {
    EXPECT_THAT(to_text(choose(none(dns_outcome::failed), found({record(1, 5222, "b.test")}))),
                ElementsAre("xmpp://b.test:5222"));
    EXPECT_THAT(to_text(choose(found({record(1, 5223, "a.test")}), none(dns_outcome::no_answer))),
                ElementsAre("xmpps://a.test:5223"));
}

TEST(discovery, a_dot_means_that_there_is_no_service) {
    const auto dot = found({record(0, 0, ".")});
    const auto text = why_not(dot, dot, errc::no_service);
    EXPECT_THAT(text, HasSubstr(starttls_name + ": service not available"));
    why_not(none(dns_outcome::no_such_name), dot, errc::no_service);
    why_not(dot, none(dns_outcome::no_data), errc::no_service);
}

TEST(discovery, a_dot_rules_out_its_own_service_only) {
    EXPECT_THAT(to_text(choose(found({record(0, 0, ".")}), found({record(9, 5222, "b.test")}))),
                ElementsAre("xmpp://b.test:5222"));
}

TEST(discovery, port_0_is_skipped) {
    EXPECT_THAT(to_text(choose(none(dns_outcome::no_data),
                               found({record(0, 0, "zero.test"), record(1, 5222, "b.test")}))),
                ElementsAre("xmpp://b.test:5222"));
    const auto text = why_not(none(dns_outcome::no_data), found({record(0, 0, "zero.test")}),
                              errc::host_not_found);
    EXPECT_THAT(text, HasSubstr("port 0"));
}

TEST(discovery, ten_of_a_hundred_records_are_tried) {
    std::vector<detail::srv_record> many;
    for (unsigned i = 0; i < 100; ++i) many.push_back(record(i, 5222, fmt::format("h{}.test", i)));
    const auto places = choose(none(dns_outcome::no_data), found(many));
    EXPECT_EQ(places.places.size(), 10u);
    EXPECT_EQ(places.places.back().host(), "h9.test");
    EXPECT_THAT(places.account, HasSubstr("10 of 100 records are tried"));
    EXPECT_LT(places.account.size(), 600u);
}

/// discover() with names that a test knows.
class asking : public ::testing::Test {
 protected:
    std::vector<std::string> discover(const std::string& domain, bool with_direct_tls) {
        discovered result;
        testing::run(
            context, *time,
            keep(detail::discover(context.get_executor(), domain, with_direct_tls, names), result));
        return to_text(result);
    }

    static task<> keep(task<discovered> work, discovered& result) {
        result = co_await std::move(work);
    }

    asio::io_context context;
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    std::shared_ptr<known_names> names =
        std::make_shared<known_names>(context.get_executor(), time);
};

TEST_F(asking, for_both_services) {
    names->service(direct_tls_name, found({record(1, 5223, "a.test")}));
    EXPECT_THAT(discover("example.org", true), ElementsAre("xmpps://a.test:5223"));
    EXPECT_THAT(names->asked(), ElementsAre(direct_tls_name, starttls_name));
    EXPECT_EQ(names->waiting(), 0);
}

TEST_F(asking, for_starttls_alone_where_tls_is_disabled) {
    EXPECT_THAT(discover("example.org", false), ElementsAre("xmpp://example.org:5222"));
    EXPECT_THAT(names->asked(), ElementsAre(starttls_name));
}

TEST_F(asking, nobody_about_addresses_and_this_machine) {
    for (const std::string domain : {"192.0.2.1", "[2001:db8::1]", "localhost", "a.localhost"}) {
        EXPECT_THAT(discover(domain, true), ElementsAre("xmpp://" + domain + ":5222"));
    }
    EXPECT_THAT(names->asked(), ElementsAre());
}

}  // namespace
}  // namespace xmpp::test
