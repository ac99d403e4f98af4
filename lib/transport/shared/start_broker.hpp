#pragma once

#include "net/socket/local_socket.hpp"

#include <filesystem>

namespace xmpp::detail {

/// Starts a broker that serves on a socket that listens already: `program --socket PATH
/// --descriptor 3 --until-idle`, detached from this process and its terminal, so that it lives as
/// long as the session. Returns once the program runs.
/// \throws std::system_error when it can't be executed
void start_broker(const std::filesystem::path& program, const std::filesystem::path& socket,
                  descriptor listening);

}  // namespace xmpp::detail
