#pragma once

#include "support/real_server.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace xmpp::test {

/// Where tools/fetch-servers put the servers; empty: use the system's.
std::filesystem::path servers_directory();

std::unique_ptr<real_server> make_prosody(server_settings);
std::unique_ptr<real_server> make_ejabberd(server_settings);
std::optional<std::string> missing_prosody();
std::optional<std::string> missing_ejabberd();

}  // namespace xmpp::test
