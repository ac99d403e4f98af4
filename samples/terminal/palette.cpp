#include "palette.hpp"

#include <cstdlib>
#include <unistd.h>

namespace terminal {
namespace {

std::string_view sequence(colour with) noexcept {
    switch (with) {
        case colour::none:
            return "\033[0m";
        case colour::bold:
            return "\033[1m";
        case colour::dim:
            return "\033[2m";
        case colour::red:
            return "\033[31m";
        case colour::green:
            return "\033[32m";
        case colour::yellow:
            return "\033[33m";
        case colour::blue:
            return "\033[34m";
        case colour::magenta:
            return "\033[35m";
        case colour::cyan:
            return "\033[36m";
    }
    return {};
}

}  // namespace

std::string palette::paint(colour with, std::string_view text) const {
    if (!on_ || with == colour::none || text.empty()) return std::string(text);
    std::string painted(sequence(with));
    painted += text;
    painted += sequence(colour::none);
    return painted;
}

bool wants_colours(int descriptor) {
    if (::isatty(descriptor) == 0) return false;
    const char* no_colour = std::getenv("NO_COLOR");
    if (no_colour && *no_colour) return false;
    const char* terminal = std::getenv("TERM");
    return terminal && std::string_view(terminal) != "dumb";
}

}  // namespace terminal
