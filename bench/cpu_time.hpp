#pragma once

#include <chrono>

namespace xmpp::bench {

/// What this thread has used of the processor: a busy machine makes it less wrong than the time on
/// the wall.
std::chrono::nanoseconds cpu_time();

/// What `work` uses, in seconds.
template <class Work>
double cpu_seconds(Work&& work) {
    const auto begin = cpu_time();
    work();
    return std::chrono::duration<double>(cpu_time() - begin).count();
}

}  // namespace xmpp::bench
