#include "cpu_time.hpp"

#include <cerrno>
#include <ctime>
#include <system_error>

namespace xmpp::bench {

std::chrono::nanoseconds cpu_time() {
    timespec now{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        throw std::system_error(errno, std::generic_category(), "clock_gettime");
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace xmpp::bench
