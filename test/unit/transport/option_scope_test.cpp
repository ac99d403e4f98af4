#include "transport/option_scope.hpp"

#include <xmpp/error.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace xmpp::detail {
namespace {

options with_dialer() {
    return options().dialer([](std::string, std::uint16_t) -> task<std::unique_ptr<byte_stream>> {
        co_return nullptr;
    });
}

options with_provider() {
    return options().credentials_provider(
        [](stanza, credentials who) -> task<credentials> { co_return who; });
}

service_url place_of(const std::string& service) {
    if (!service.starts_with("own:")) return service_url::parse(service);
    service_url place;
    place.scheme = service_scheme::registered;
    return place;
}

service_kind kind(const std::string& service) {
    return kind_of(place_of(service), options());
}

/// The explanation of the refusal; empty when there is none.
std::string refusal(const std::string& service, const options& settings) {
    try {
        check_options(place_of(service), settings);
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::invalid_options);
        return std::string(refused.explanation());
    }
    return {};
}

struct refused_option {
    const char* name;
    options settings;
    std::vector<const char*> refused_for;
};

std::vector<refused_option> refused_options() {
    const auto hook = [](ssl_ctx_st*) {};
    return {
        {"dialer", with_dialer(), {"http://h/", "https://h/", "unix:/s"}},
        {"configure_tls", options().configure_tls(hook), {"unix:/s"}},
        {"headers",
         options().headers({{"X-Key", "k"}}),
         {"", "xmpp://h", "xmpps://h", "component://h"}},
        {"cookies",
         options().cookies({{"a", "b"}}),
         {"", "xmpp://h", "xmpps://h", "component://h"}},
        {"route", options().route("xmpp:h:5222"), {"", "xmpp://h", "components://h"}},
        {"mechanisms", options().mechanisms({"SCRAM-SHA-256"}), {"component://h"}},
        {"credentials_provider", with_provider(), {"component://h", "unix:/s"}},
        {"explicit_resource_binding", options().explicit_resource_binding(true), {"unix:/s"}},
        {"session_store",
         options().session_store(make_memory_store()),
         {"component://h", "unix:/s"}},
    };
}

const std::vector<const char*> services{
    "",          "xmpp://h",   "xmpps://h",     "ws://h/",        "wss://h/",
    "http://h/", "https://h/", "component://h", "components://h", "unix:/s"};

TEST(options_that_a_service_can_not_honour, are_refused_by_name_at_the_call) {
    for (const auto& row : refused_options()) {
        for (const char* service : row.refused_for) {
            EXPECT_NE(refusal(service, row.settings).find(std::string("options::") + row.name),
                      std::string::npos)
                << row.name << " with " << service;
        }
    }
}

TEST(options_that_a_service_can_not_honour, are_taken_by_all_other_kinds_of_services) {
    for (const auto& row : refused_options()) {
        std::set<service_kind> refusing;
        for (const char* service : row.refused_for) refusing.insert(kind(service));
        for (const char* service : services) {
            EXPECT_EQ(refusal(service, row.settings).empty(), refusing.count(kind(service)) == 0)
                << row.name << " with " << service;
        }
    }
}

TEST(options_that_a_service_can_not_honour, are_those_with_a_reason_in_the_table) {
    std::size_t with_reason = 0;
    for (const auto& scope : option_scopes()) {
        EXPECT_EQ(scope.is_set != nullptr, !scope.why.empty()) << scope.name;
        EXPECT_TRUE(!scope.is_set || !scope.is_set(options())) << scope.name << " by default";
        with_reason += scope.is_set != nullptr;
    }
    EXPECT_EQ(with_reason, refused_options().size() + 1) << "and register_mechanism";
}

TEST(options_that_only_tune, may_be_shared_between_services) {
    const auto shared = options()
                            .bosh_wait(std::chrono::seconds(5))
                            .bosh_hold(2)
                            .bosh_window(3)
                            .bosh_acks(true)
                            .bosh_keys(true)
                            .content_type("text/plain")
                            .keepalive(true)
                            .whitespace_keepalive(std::chrono::milliseconds(1))
                            .allow_legacy_auth(true);
    for (const char* service : services) EXPECT_EQ(refusal(service, shared), "") << service;
}

TEST(options_that_a_service_can_not_honour, are_judged_by_the_broker_that_is_between) {
    const auto through_broker = with_dialer().worker("/run/broker");
    EXPECT_NE(refusal("xmpp://h", through_broker).find("shared sessions"), std::string::npos);
}

}  // namespace
}  // namespace xmpp::detail
