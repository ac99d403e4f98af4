#pragma once

#include <xmpp/credentials.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace chat {

/// What the program's exit code says; `--help` lists them too.
enum class exit_code : int {
    ok = 0,
    usage = 1,            ///< wrong options, or no password
    login_failed = 2,     ///< the session never came up
    connection_lost = 3,  ///< it ended without having been asked to
    incomplete = 4,       ///< a message bounced, or fewer came than --count asked for
    interrupted = 130,    ///< by a signal, before the work was done
};

/// What the command line asks for.
class settings {
 public:
    settings() = default;

    xmpp::jid user;
    std::optional<xmpp::jid> to;
    std::filesystem::path password_file;

    std::string service;
    std::string connect_address;
    std::filesystem::path ca_file;
    std::string ca_pem;
    std::string resource;
    std::vector<std::string> mechanisms;
    bool no_tls = false;
    bool plaintext = false;

    bool show_xml = false;
    bool verbose = false;
    std::optional<std::chrono::seconds> linger;
    std::size_t count = 0;
};

/// An address without a user logs in anonymously.
bool needs_password(const settings& what);

/// The password for the login: from the file of the settings, from XMPP_PASSWORD, or asked for on
/// the terminal without showing it.
/// \throws std::runtime_error, for people, when there is none
std::string find_password(const settings& what);

xmpp::options connection_options(const settings& what);
xmpp::credentials login_credentials(const settings& what, std::string password);

}  // namespace chat
