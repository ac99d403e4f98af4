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

xmpp::options connection_options(const settings& what);
xmpp::credentials login_credentials(const settings& what, std::string password);

}  // namespace chat
