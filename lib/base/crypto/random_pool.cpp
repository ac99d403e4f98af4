#include "base/crypto/random_pool.hpp"

#include "base/crypto/crypto.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <pthread.h>

namespace xmpp::detail {
namespace {

/// Changes in a forked child, so that it does not hand out what its parent holds in store.
std::atomic<unsigned> process_generation{1};

[[maybe_unused]] const int fork_handler =
    pthread_atfork(nullptr, nullptr, [] { process_generation.fetch_add(1); });

struct store {
    std::array<unsigned char, 1024> bytes;
    std::size_t next = bytes.size();
    unsigned generation = 0;
};

}  // namespace

void pooled_random_bytes(std::span<unsigned char> out) {
    thread_local store mine;
    if (out.size() > mine.bytes.size()) return random_bytes(out);
    const auto generation = process_generation.load(std::memory_order_relaxed);
    if (mine.bytes.size() - mine.next < out.size() || mine.generation != generation) {
        random_bytes(mine.bytes);
        mine.next = 0;
        mine.generation = generation;
    }
    std::copy_n(mine.bytes.begin() + static_cast<std::ptrdiff_t>(mine.next), out.size(),
                out.begin());
    mine.next += out.size();
}

}  // namespace xmpp::detail
