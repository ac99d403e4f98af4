#include "allocation_counter.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace {

std::atomic<int> count = 0;

}  // namespace

// The forms for arrays too: a sanitizer's own would not come here.
void* operator new(std::size_t size) {
    ++count;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

/// In place of the C library's: some versions of Asio take their memory from it, coroutine frames
/// included, others from operator new.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    ++count;
    if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
    void* memory = nullptr;
    return posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

namespace xmpp::test {

int allocations_so_far() noexcept {
    return count;
}

void show(std::string_view what, int times, int allocations) {
    fmt::print("{} x {}: allocations {}\n", times, what, allocations);
    std::fflush(stdout);
}

}  // namespace xmpp::test
