#include "net/dns/name_cache.hpp"

#include <xmpp/testing/virtual_clock.hpp>

#include "support/files.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace xmpp::test {
namespace {

using detail::address_answer;
using detail::srv_answer;

class name_cache : public ::testing::Test {
 protected:
    static std::filesystem::path written(std::filesystem::path file) {
        write_file(file, "nameserver 192.0.2.1");
        return file;
    }

    void keep_both(std::uint64_t asked) {
        srv_answer services;
        services.records.push_back({1, 1, 5222, "host.test"});
        names.keep("_xmpp-client._tcp.example.test ", time, services, std::chrono::hours(24),
                   asked);
        address_answer addresses;
        addresses.addresses.emplace_back("192.0.2.7");
        names.keep("host.test 0 ", time, addresses, std::chrono::hours(24), asked);
    }

    bool knows_services() {
        return names.services("_xmpp-client._tcp.example.test ", time).has_value();
    }
    bool knows_addresses() { return names.addresses("host.test 0 ", time).has_value(); }

    temporary_directory folder;
    std::filesystem::path file = written(folder.path() / "resolv.conf");
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    detail::name_cache names{file};
};

TEST_F(name_cache, knows_nothing_any_more_once_the_configuration_is_another_file) {
    keep_both(names.generation());
    EXPECT_TRUE(knows_services());
    EXPECT_TRUE(knows_addresses());
    const auto other = folder.path() / "other";
    write_file(other, "nameserver 192.0.2.1");
    std::filesystem::rename(other, file);
    EXPECT_FALSE(knows_services());
    EXPECT_FALSE(knows_addresses());
}

TEST_F(name_cache, knows_nothing_any_more_once_the_configuration_is_written_anew) {
    keep_both(names.generation());
    write_file(file, "nameserver 192.0.2.2");
    const auto later = std::filesystem::last_write_time(file) + std::chrono::seconds(2);
    std::filesystem::last_write_time(file, later);
    EXPECT_FALSE(knows_services());
    EXPECT_FALSE(knows_addresses());
}

TEST_F(name_cache, knows_nothing_any_more_once_the_configuration_is_gone) {
    keep_both(names.generation());
    std::filesystem::remove(file);
    EXPECT_FALSE(knows_services());
}

TEST_F(name_cache, does_not_keep_what_was_asked_of_the_network_before) {
    const auto asked = names.generation();
    std::filesystem::remove(file);
    keep_both(asked);
    EXPECT_FALSE(knows_services());
    EXPECT_FALSE(knows_addresses());
}

TEST_F(name_cache, forgets_a_domain_with_the_hosts_of_its_services) {
    keep_both(names.generation());
    names.forget("xample.test");
    names.forget("example.tes");
    EXPECT_TRUE(knows_services());
    names.forget("example.test");
    EXPECT_FALSE(knows_services());
    EXPECT_FALSE(knows_addresses());
}

}  // namespace
}  // namespace xmpp::test
