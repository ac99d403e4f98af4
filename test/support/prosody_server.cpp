#include "support/real_server_kinds.hpp"

#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace xmpp::test {

namespace {

std::optional<std::filesystem::path> find_prosody(const std::string& program) {
    const auto fetched = servers_directory();
    return find_program(program, fetched.empty() ? fetched : fetched / "bin");
}

const char* protocol_of(tls_versions versions) {
    switch (versions) {
        case tls_versions::only_1_2:
            return "tlsv1_2";
        case tls_versions::only_1_3:
            return "tlsv1_3";
        case tls_versions::all:
            break;
    }
    return "tlsv1_2+";
}

class prosody_server : public real_server {
 public:
    explicit prosody_server(server_settings wanted) : real_server(std::move(wanted)) {
        if (settings().scram == scram_hashes::sha512) {
            throw std::invalid_argument("Prosody has no SCRAM-SHA-512");
        }
        std::filesystem::create_directory(directory() / "data");
        write_configuration(
            std::filesystem::path(XMPP_SERVER_CONFIGURATIONS) / "prosody.cfg.lua", configuration(),
            {{"run_as_root", ::geteuid() == 0 ? "true" : "false"},
             {"tls_protocol", protocol_of(settings().tls)},
             // Both hashes can only be offered with passwords kept as they are.
             {"authentication",
              settings().scram == scram_hashes::all ? "internal_plain" : "internal_hashed"},
             {"password_hash", settings().scram == scram_hashes::sha1 ? "SHA-1" : "SHA-256"},
             {"version_modules", version_modules()}});
    }

    ~prosody_server() override { stop(); }

    void add_user(const std::string& name, const std::string& password) override {
        run_program({.arguments = {program("prosodyctl"), "--config", configuration().string(),
                                   "register", name, domain(), password},
                     .directory = directory(),
                     .output = {}});
    }

    [[nodiscard]] server_kind kind() const override { return server_kind::prosody; }
    [[nodiscard]] std::string websocket_path() const override { return "/xmpp-websocket"; }
    [[nodiscard]] std::string bosh_path() const override { return "/http-bind"; }

 protected:
    command launch() override {
        return {.arguments = {program("prosody"), "--config", configuration().string(), "-F"},
                .directory = directory(),
                .output = directory() / "output"};
    }

 private:
    static std::string program(const std::string& name) {
        const auto found = find_prosody(name);
        if (!found) throw std::runtime_error("the program " + name + " is missing");
        return found->string();
    }

    [[nodiscard]] std::filesystem::path configuration() const {
        return directory() / "prosody.cfg.lua";
    }

    /// Before 13, signals were a module's business, and what is on top of SASL2 broke streams.
    [[nodiscard]] std::string version_modules() const {
        const auto empty_configuration = directory() / "empty.cfg.lua";
        write_file(empty_configuration, "data_path = 'data'\n");
        const auto about = run_program({.arguments = {program("prosodyctl"), "--config",
                                                      empty_configuration.string(), "about"},
                                        .directory = directory(),
                                        .output = {}});
        constexpr std::string_view title = "\nProsody ";
        const auto version = about.find(title);
        const int major =
            version == about.npos ? 0 : std::atoi(about.c_str() + version + title.size());
        if (major < 13) return R"("posix")";
        return R"("account_activity", "http_altconnect", "sasl2", "sasl2_bind2", "sasl2_fast",)"
               R"( "sasl2_sm", "sasl_ssdp")";
    }
};

}  // namespace

std::unique_ptr<real_server> make_prosody(server_settings settings) {
    return std::make_unique<prosody_server>(std::move(settings));
}

std::optional<std::string> missing_prosody() {
    if (find_prosody("prosody") && find_prosody("prosodyctl")) return std::nullopt;
    return "Prosody is missing: install it, or run tools/fetch-servers";
}

}  // namespace xmpp::test
