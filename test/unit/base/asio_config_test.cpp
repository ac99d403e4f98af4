// What Asio finds in the standard library must not depend on which header a file includes first:
// the functions that allocate its coroutines' frames are inline, and those that free them too.

// Before any header of the standard library.
#include <asio/detail/config.hpp>
#ifdef ASIO_HAS_STD_ALIGNED_ALLOC
constexpr bool has_aligned_alloc = true;
#else
constexpr bool has_aligned_alloc = false;
#endif

#include <gtest/gtest.h>

namespace {

TEST(asio_config, finds_aligned_alloc_whatever_was_included_first) {
    EXPECT_TRUE(has_aligned_alloc);
}

}  // namespace
