#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace xmpp::test {

/// Throws what the last system call has failed with.
[[noreturn]] inline void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace xmpp::test
