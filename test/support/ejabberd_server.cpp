#include "support/blocking_socket.hpp"
#include "support/real_server_kinds.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace xmpp::test {

namespace {

/// How to run ejabberd in the current folder: with the command that tools/fetch-servers made, or
/// with the system's Erlang and the folder that holds ejabberd's compiled code.
struct installation {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
};

/// Debian has it in the folder of the architecture's libraries, others beside Erlang's own.
std::optional<std::filesystem::path> system_library() {
    for (const auto& parent : {"/usr/lib", "/usr/lib/erlang/lib", "/usr/local/lib"}) {
        std::error_code unreadable;
        for (const auto& entry : std::filesystem::directory_iterator(parent, unreadable)) {
            const auto& folder = entry.path();
            if (folder.filename().string().starts_with("ejabberd-")) return folder.parent_path();
            for (const auto& inner : std::filesystem::directory_iterator(folder, unreadable)) {
                if (inner.path().filename().string().starts_with("ejabberd-")) return folder;
            }
        }
    }
    return std::nullopt;
}

std::optional<installation> find_ejabberd() {
    if (const auto fetched = servers_directory(); !fetched.empty()) {
        const auto program = find_program("ejabberd", fetched / "bin");
        if (!program) return std::nullopt;
        return installation{.arguments = {program->string()}, .environment = {}};
    }
    const auto erlang = find_program("erl");
    const auto library = system_library();
    if (!erlang || !library) return std::nullopt;
    // Without a node name Erlang starts no port mapper that would stay behind.
    return installation{.arguments = {erlang->string(), "+K", "true", "+S", "1:1", "+sbwt", "none",
                                      "-noinput", "-noshell", "-mnesia", "dir", R"("db")", "-sasl",
                                      "sasl_error_logger", "false", "-s", "ejabberd"},
                        .environment = {"ERL_LIBS=" + library->string()}};
}

/// ejabberd names the versions that are off.
const char* options_of(tls_versions versions) {
    switch (versions) {
        case tls_versions::only_1_2:
            return "no_sslv3, no_tlsv1, no_tlsv1_1, no_tlsv1_3";
        case tls_versions::only_1_3:
            return "no_sslv3, no_tlsv1, no_tlsv1_1, no_tlsv1_2";
        case tls_versions::all:
            break;
    }
    return "no_sslv3, no_tlsv1, no_tlsv1_1";
}

const char* hash_of(scram_hashes hashes) {
    switch (hashes) {
        case scram_hashes::sha256:
            return "sha256";
        case scram_hashes::sha512:
            return "sha512";
        case scram_hashes::all:
        case scram_hashes::sha1:
            break;
    }
    return "sha";
}

class ejabberd_server : public real_server {
 public:
    explicit ejabberd_server(server_settings wanted) : real_server(std::move(wanted)) {
        if (!ejabberd_) throw std::runtime_error(*missing_ejabberd());
        write_configuration(
            std::filesystem::path(XMPP_SERVER_CONFIGURATIONS) / "ejabberd.yml", configuration(),
            {{"tls_options", options_of(settings().tls)},
             {"password_format", settings().scram == scram_hashes::all ? "plain" : "scram"},
             {"scram_hash", hash_of(settings().scram)},
             {"version_modules", servers_directory().empty() ? "" : "mod_auth_fast: {}"}});
    }

    ~ejabberd_server() override { stop(); }

    void add_user(const std::string& name, const std::string& password) override {
        http_post(http_port(), "/api/register",
                  fmt::format(R"({{"user":"{}","host":"{}","password":"{}"}})", name, domain(),
                              password));
    }

    [[nodiscard]] server_kind kind() const override { return server_kind::ejabberd; }
    [[nodiscard]] std::string websocket_path() const override { return "/ws"; }
    [[nodiscard]] std::string bosh_path() const override { return "/bosh"; }

 protected:
    command launch() override {
        command run{.arguments = ejabberd_->arguments,
                    .directory = directory(),
                    .environment = ejabberd_->environment,
                    .output = directory() / "output"};
        run.environment.push_back("HOME=" + directory().string());
        run.environment.push_back("EJABBERD_CONFIG_PATH=" + configuration().string());
        run.environment.push_back("EJABBERD_LOG_PATH=" + log_file().string());
        run.environment.push_back("ERL_CRASH_DUMP=" + (directory() / "crash.dump").string());
        return run;
    }

 private:
    [[nodiscard]] std::filesystem::path configuration() const {
        return directory() / "ejabberd.yml";
    }

    std::optional<installation> ejabberd_ = find_ejabberd();
};

}  // namespace

std::unique_ptr<real_server> make_ejabberd(server_settings settings) {
    return std::make_unique<ejabberd_server>(std::move(settings));
}

std::optional<std::string> missing_ejabberd() {
    if (find_ejabberd()) return std::nullopt;
    return "ejabberd is missing: install it, or run tools/fetch-servers";
}

}  // namespace xmpp::test
