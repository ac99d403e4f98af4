#include "support/real_server.hpp"

#include "support/blocking_socket.hpp"
#include "support/real_server_kinds.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace xmpp::test {

namespace {

constexpr auto start_limit = std::chrono::seconds(60);
constexpr std::size_t log_tail_size = 4000;

/// Replaces each %name%. A name without a value is a mistake in the template.
std::string fill_in(std::string_view text, const std::map<std::string, std::string>& words) {
    std::string result;
    for (auto begin = text.find('%'); begin != text.npos; begin = text.find('%')) {
        const auto end = text.find('%', begin + 1);
        const std::string name(text.substr(begin + 1, end - begin - 1));
        const auto word = words.find(name);
        if (word == words.end()) throw std::logic_error("no value for %" + name + "%");
        result += text.substr(0, begin);
        result += word->second;
        text.remove_prefix(end + 1);
    }
    result += text;
    return result;
}

}  // namespace

std::string to_string(server_kind kind) {
    return kind == server_kind::prosody ? "prosody" : "ejabberd";
}

real_server::real_server(server_settings settings)
    : settings_(std::move(settings)), certificates_(directory_.path(), settings_.domain) {
    const std::vector<std::string> names = {"c2s_port",  "tls_port",   "component_port",
                                            "http_port", "https_port", "proxy_port"};
    const auto ports = free_ports(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) ports_[names[i]] = ports[i];
}

real_server::~real_server() = default;

void real_server::start() {
    if (process_ && process_->running()) return;
    process_ = std::make_unique<child_process>(launch());
    wait_until_ready();
}

void real_server::stop() {
    if (process_) process_->terminate();
}

void real_server::kill() {
    if (process_) process_->kill();
}

void real_server::restart() {
    stop();
    start();
}

void real_server::wait_until_ready() {
    const auto deadline = std::chrono::steady_clock::now() + start_limit;
    for (const auto& [name, number] : ports_) {
        while (!accepts_connections(number)) {
            if (!process_->running()) {
                throw std::runtime_error(to_string(kind()) + " ended with status " +
                                         std::to_string(process_->wait()) + ":\n" + log_tail());
            }
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(to_string(kind()) + " does not open its " + name + ":\n" +
                                         log_tail());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    // A port that somebody else took would accept too, while the server has given up.
    if (!process_->running()) {
        throw std::runtime_error(to_string(kind()) + " ended after its start:\n" + log_tail());
    }
}

std::string real_server::log() const {
    return std::filesystem::exists(log_file()) ? read_file(log_file()) : std::string();
}

std::string real_server::log_tail() const {
    auto text = log();
    const auto printed = directory() / "output";
    if (std::filesystem::exists(printed)) text += read_file(printed);
    if (text.size() > log_tail_size) text.erase(0, text.size() - log_tail_size);
    return text;
}

void real_server::write_configuration(const std::filesystem::path& source,
                                      const std::filesystem::path& destination,
                                      std::map<std::string, std::string> words) const {
    words.insert({{"base", directory().string()},
                  {"log", log_file().string()},
                  {"domain", domain()},
                  {"component_secret", component_secret()},
                  {"require_tls", settings_.require_tls ? "true" : "false"},
                  {"authority", certificates_.authority.string()},
                  {"key", certificates_.key.string()},
                  {"chain", certificates_.chain.string()},
                  {"bundle", certificates_.bundle.string()},
                  {"fingerprint", certificates_.fingerprint}});
    for (const auto& [name, number] : ports_) words[name] = std::to_string(number);
    write_file(destination, fill_in(read_file(source), words));
}

std::filesystem::path servers_directory() {
    const char* directory = std::getenv("XMPP_SERVERS_DIR");
    return directory ? std::filesystem::path(directory) : std::filesystem::path();
}

std::unique_ptr<real_server> start_server(server_kind kind, server_settings settings) {
    auto server = kind == server_kind::prosody ? make_prosody(std::move(settings))
                                               : make_ejabberd(std::move(settings));
    server->start();
    return server;
}

real_server& shared_server(server_kind kind) {
    static std::map<server_kind, std::unique_ptr<real_server>> servers;
    auto& server = servers[kind];
    if (!server) server = start_server(kind);
    server->start();  // a test may have stopped it
    return *server;
}

std::optional<std::string> missing_server(server_kind kind) {
    if (!find_program("openssl")) return "the program openssl is missing";
    return kind == server_kind::prosody ? missing_prosody() : missing_ejabberd();
}

void real_server_test::SetUp() {
    const auto missing = missing_server(GetParam());
    if (!missing) return;
    const char* required = std::getenv("XMPP_REQUIRE_SERVERS");
    if (required != nullptr && std::string_view(required) == "1") FAIL() << *missing;
    GTEST_SKIP() << *missing;
}

}  // namespace xmpp::test
