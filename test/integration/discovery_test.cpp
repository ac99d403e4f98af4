#include <xmpp/xmpp.hpp>

#include "support/blocking_socket.hpp"
#include "support/child_process.hpp"
#include "support/co_test.hpp"
#include "support/real_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

// Real XMPP servers that are found through dnsmasq, a real name server.

namespace xmpp::test {
namespace {

std::optional<std::filesystem::path> find_dnsmasq() {
    auto found = find_program("dnsmasq");
    return found ? found : find_program("dnsmasq", "/usr/sbin");
}

/// A name server that knows "test" and nothing else.
class dnsmasq {
 public:
    explicit dnsmasq(std::vector<std::string> records)
        : port_(free_ports(1).front()), process_(launch(port_, std::move(records))) {
        for (int i = 0; !accepts_connections(port_); ++i) {
            if (!process_.running() || i > 1'000) throw std::runtime_error("no dnsmasq");
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    std::string address() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
    static command launch(std::uint16_t port, std::vector<std::string> records) {
        command what;
        what.arguments = {find_dnsmasq()->string(),
                          "--keep-in-foreground",
                          "--conf-file=/dev/null",
                          "--pid-file=",
                          "--no-resolv",
                          "--no-hosts",
                          "--local=/test/",
                          "--listen-address=127.0.0.1",
                          "--bind-interfaces",
                          "--address=/host.example.test/127.0.0.1",
                          fmt::format("--port={}", port)};
        // As root it would give up its rights for a user that may not exist.
        if (geteuid() == 0) what.arguments.push_back("--user=root");
        for (auto& record : records) what.arguments.push_back("--srv-host=" + std::move(record));
        return what;
    }

    std::uint16_t port_;
    child_process process_;
};

class discovery_by_dnsmasq : public real_server_test {
 protected:
    void SetUp() override {
        real_server_test::SetUp();
        if (IsSkipped() || HasFatalFailure() || find_dnsmasq()) return;
        const auto* required = std::getenv("XMPP_REQUIRE_TOOLS");
        if (required && std::string_view(required) == "1") FAIL() << "there is no dnsmasq";
        GTEST_SKIP() << "there is no dnsmasq";
    }

    options settings(const dnsmasq& names) const {
        return options().ca_file(server().ca_file()).name_servers({names.address()});
    }

    static task<> log_in(connection& conn, credentials who) {
        co_await conn.login(who);
        EXPECT_TRUE(conn.secure());
        co_await conn.disconnect();
    }

    asio::io_context context;
};

TEST_P(discovery_by_dnsmasq, leads_to_starttls) {
    server().add_user("srv-starttls", "secret");
    const dnsmasq names({fmt::format("_xmpp-client._tcp.{},host.example.test,{},10,60",
                                     server().domain(), server().c2s_port())});
    connection conn(context.get_executor(), "", settings(names));
    run(context, log_in(conn, credentials("srv-starttls@" + server().domain(), "secret")));
}

TEST_P(discovery_by_dnsmasq, leads_to_direct_tls_past_a_record_where_nobody_is) {
    server().add_user("srv-direct", "secret");
    const auto nobody = free_ports(1).front();
    const dnsmasq names(
        {fmt::format("_xmpp-client._tcp.{},host.example.test,{},10,60", server().domain(), nobody),
         fmt::format("_xmpps-client._tcp.{},host.example.test,{},20,60", server().domain(),
                     server().tls_port())});
    connection conn(context.get_executor(), "", settings(names));
    run(context, log_in(conn, credentials("srv-direct@" + server().domain(), "secret")));
}

TEST_P(discovery_by_dnsmasq, believes_that_there_is_no_service) {
    const dnsmasq names({"_xmpp-client._tcp.none.test", "_xmpps-client._tcp.none.test"});
    connection conn(context.get_executor(), "", settings(names));
    std::error_code code;
    try {
        run(context, log_in(conn, credentials("juliet@none.test", "secret")));
    } catch (const error& failure) {
        code = failure.code();
    }
    EXPECT_EQ(code, make_error_code(errc::no_service));
}

INSTANTIATE_TEST_SUITE_P(real, discovery_by_dnsmasq, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
