#pragma once

#include "settings.hpp"

#include <string>

namespace chat {

/// The password for the login: from the file of the settings, from XMPP_PASSWORD, or asked for on
/// the terminal without showing it.
/// \throws std::runtime_error, for people, when there is none
std::string find_password(const settings& what);

}  // namespace chat
