#pragma once

#include <string_view>

namespace xmpp::test {

/// How often memory was asked for since the program began. expat uses malloc, which is not counted.
int allocations_so_far() noexcept;

template <class Work>
int allocations_of(Work&& work) {
    const int before = allocations_so_far();
    work();
    return allocations_so_far() - before;
}

/// For who reads the output; the assertion is the caller's.
void show(std::string_view what, int times, int allocations);

}  // namespace xmpp::test
