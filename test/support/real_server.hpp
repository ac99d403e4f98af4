#pragma once

#include "support/child_process.hpp"
#include "support/files.hpp"
#include "support/server_certificates.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xmpp::test {

enum class server_kind { prosody, ejabberd };
enum class tls_versions { all, only_1_2, only_1_3 };
/// Which SCRAM mechanisms are offered. Prosody's `all` has no SHA-512, and it can't do `sha512`.
enum class scram_hashes { all, sha1, sha256, sha512 };

std::string to_string(server_kind);

struct server_settings {
    std::string domain = "example.test";
    tls_versions tls = tls_versions::all;
    scram_hashes scram = scram_hashes::all;
    bool require_tls = true;  ///< on the STARTTLS port
};

/// A server from another house, running as a child process in a folder of its own, on ports of its
/// own of the loopback interface.
///
/// Every call blocks. The constructor starts the server and returns once all its ports accept
/// connections; what goes wrong throws std::runtime_error with the end of the server's log. Use it
/// from one thread, which must live as long as the server: it ends with the thread.
class real_server {
 public:
    virtual ~real_server();
    real_server(const real_server&) = delete;
    real_server& operator=(const real_server&) = delete;

    /// A new account on domain().
    virtual void add_user(const std::string& name, const std::string& password) = 0;

    void stop();  ///< politely: streams are closed
    void kill();  ///< as in a crash
    /// Starts it again on the same ports, with the accounts and archives that it had.
    void start();
    void restart();

    [[nodiscard]] virtual server_kind kind() const = 0;
    [[nodiscard]] virtual std::string websocket_path() const = 0;
    [[nodiscard]] virtual std::string bosh_path() const = 0;

    [[nodiscard]] const std::string& domain() const { return settings_.domain; }
    [[nodiscard]] std::string anonymous_domain() const { return "anonymous." + domain(); }
    [[nodiscard]] std::string component_domain() const { return "component." + domain(); }
    [[nodiscard]] std::string component_secret() const { return "component secret"; }
    /// Rooms, nodes, uploads and the bytestream proxy are at the domains "conference.", "pubsub.",
    /// "upload." (ejabberd: the domain itself offers it under that name too) and "proxy.".
    [[nodiscard]] std::string address() const { return "127.0.0.1"; }
    [[nodiscard]] std::uint16_t c2s_port() const { return port("c2s_port"); }  ///< STARTTLS
    [[nodiscard]] std::uint16_t tls_port() const { return port("tls_port"); }  ///< TLS at once
    [[nodiscard]] std::uint16_t component_port() const { return port("component_port"); }
    [[nodiscard]] std::uint16_t http_port() const { return port("http_port"); }
    [[nodiscard]] std::uint16_t https_port() const { return port("https_port"); }
    /// The authority that signed its certificate.
    [[nodiscard]] std::filesystem::path ca_file() const { return certificates_.authority; }
    [[nodiscard]] std::string log() const;

 protected:
    explicit real_server(server_settings settings);

    /// What start() runs, and the words that the configuration of this kind of server needs.
    virtual command launch() = 0;

    void write_configuration(const std::filesystem::path& source,
                             const std::filesystem::path& destination,
                             std::map<std::string, std::string> words) const;
    [[nodiscard]] const server_settings& settings() const { return settings_; }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
    [[nodiscard]] std::filesystem::path log_file() const { return directory() / "server.log"; }
    [[nodiscard]] const server_certificates& certificates() const { return certificates_; }

 private:
    [[nodiscard]] std::uint16_t port(const std::string& name) const { return ports_.at(name); }
    void wait_until_ready();
    [[nodiscard]] std::string log_tail() const;

    server_settings settings_;
    temporary_directory directory_;
    server_certificates certificates_;
    std::map<std::string, std::uint16_t> ports_;
    std::unique_ptr<child_process> process_;
};

std::unique_ptr<real_server> start_server(server_kind, server_settings = {});

/// One server of each kind for all tests of a program, with the default settings; started when
/// first asked for, stopped at the end. Tests that share it use accounts of their own.
real_server& shared_server(server_kind);

/// Why no such server can be started here, or nothing if one can. Servers are taken from the folder
/// that XMPP_SERVERS_DIR names (see tools/fetch-servers), else from the system.
std::optional<std::string> missing_server(server_kind);

/// A test that runs once against each kind of server:
///
///     class login : public real_server_test {};
///     TEST_P(login, works) { server().add_user("juliet", "secret"); ... }
///     INSTANTIATE_TEST_SUITE_P(real, login, all_servers(), server_name);
///
/// Where a server is missing the test is skipped and says so; with XMPP_REQUIRE_SERVERS=1 it fails.
class real_server_test : public ::testing::TestWithParam<server_kind> {
 protected:
    void SetUp() override;
    [[nodiscard]] static real_server& server() { return shared_server(GetParam()); }
};

inline auto all_servers() {
    return ::testing::Values(server_kind::prosody, server_kind::ejabberd);
}
inline std::string server_name(const ::testing::TestParamInfo<server_kind>& info) {
    return to_string(info.param);
}

}  // namespace xmpp::test
