#include "support/descriptors.hpp"

#include <fcntl.h>
#include <filesystem>
#include <string>

namespace xmpp::test {

std::set<int> inheritable_descriptors() {
    std::set<int> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int number = std::stoi(entry.path().filename().string());
        const int flags = ::fcntl(number, F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0) found.insert(number);
    }
    return found;
}

}  // namespace xmpp::test
