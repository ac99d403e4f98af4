#pragma once

#include <string>
#include <string_view>

namespace terminal {

enum class colour { none, bold, dim, red, green, yellow, blue, magenta, cyan };

/// Paints text for terminals, or leaves it as it is.
class palette {
 public:
    explicit palette(bool on) noexcept : on_(on) {}

    /// `text` must be safe already.
    std::string paint(colour with, std::string_view text) const;
    bool on() const noexcept { return on_; }

 private:
    bool on_;
};

/// Colours are wanted on a terminal, unless the environment has NO_COLOR or a TERM without them.
bool wants_colours(int descriptor);

}  // namespace terminal
