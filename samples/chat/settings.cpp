#include "settings.hpp"

#include "terminal/silent_terminal.hpp"
#include "terminal/text.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace chat {
namespace {

std::string ask_for_password(const xmpp::jid& user) {
    const terminal::silent_terminal asked;
    if (!asked.usable())
        throw std::runtime_error(
            "no password: set XMPP_PASSWORD, use --password-file, or run this on a terminal");
    asked.write("Password of " + terminal::safe_text(user.bare().str()) + ": ");
    auto password = asked.read_line();
    if (!password) throw std::runtime_error("no password was given");
    return std::move(*password);
}

std::string password_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string password;
    if (!std::getline(file, password))
        throw std::runtime_error("there is no password in " + path.string());
    if (password.ends_with('\r')) password.pop_back();
    return password;
}

}  // namespace

bool needs_password(const settings& what) {
    return !what.user.local().empty();
}

std::string find_password(const settings& what) {
    if (!what.password_file.empty()) return password_in(what.password_file);
    const char* variable = std::getenv("XMPP_PASSWORD");
    if (variable && *variable) return variable;
    return ask_for_password(what.user);
}

xmpp::options connection_options(const settings& what) {
    xmpp::options result;
    result.connect_address(what.connect_address)
        .ca_file(what.ca_file)
        .ca_pem(what.ca_pem)
        .mechanisms(what.mechanisms)
        .allow_plaintext_auth(what.plaintext);
    if (what.no_tls) result.tls(xmpp::tls_mode::disabled);
    return result;
}

xmpp::credentials login_credentials(const settings& what, std::string password) {
    auto result = needs_password(what)
                      ? xmpp::credentials(what.user, std::move(password))
                      : xmpp::credentials::anonymous(std::string(what.user.domain()));
    if (!what.resource.empty()) result.resource(what.resource);
    return result;
}

}  // namespace chat
