#include <xmpp/make_id.hpp>

#include "base/crypto.hpp"

#include <array>
#include <atomic>
#include <pthread.h>

namespace xmpp::detail {
namespace {

/// Changes in a forked child, so that it does not hand out what its parent holds in store.
std::atomic<unsigned> process_generation{1};

[[maybe_unused]] const int fork_handler =
    pthread_atfork(nullptr, nullptr, [] { process_generation.fetch_add(1); });

struct store {
    static constexpr std::size_t id_length = 15;

    std::array<unsigned char, id_length * 64> bytes;
    std::size_t next = bytes.size();
    unsigned generation = 0;
};

}  // namespace

std::string random_id() {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    thread_local store mine;
    const auto generation = process_generation.load(std::memory_order_relaxed);
    if (mine.next == mine.bytes.size() || mine.generation != generation) {
        random_bytes(mine.bytes);
        mine.next = 0;
        mine.generation = generation;
    }
    std::string id(store::id_length, '\0');
    for (char& c : id) c = alphabet[mine.bytes[mine.next++] & 63];
    return id;
}

}  // namespace xmpp::detail

namespace xmpp {

std::string make_id(std::string_view suffix) {
    auto id = detail::random_id();
    if (!suffix.empty()) {
        id += ':';
        id += suffix;
    }
    return id;
}

}  // namespace xmpp
