#include "terminal/palette.hpp"

#include <gtest/gtest.h>

using terminal::colour;
using terminal::palette;

TEST(palette, that_is_off_paints_nothing) {
    const palette plain(false);
    const palette coloured(true);
    EXPECT_EQ(plain.paint(colour::red, "x"), "x");
    EXPECT_EQ(coloured.paint(colour::none, "x"), "x");
    EXPECT_EQ(coloured.paint(colour::red, "x"), "\033[31mx\033[0m");
}
