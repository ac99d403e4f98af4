#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <termios.h>

namespace terminal {

/// The terminal of this process, even where standard input is something else; shows nothing of what
/// is typed, and leaves every key to us, so that the mode is always put back.
class silent_terminal {
 public:
    silent_terminal();
    silent_terminal(const silent_terminal&) = delete;
    silent_terminal& operator=(const silent_terminal&) = delete;
    ~silent_terminal();

    /// There is a terminal, and it shows nothing.
    bool usable() const noexcept { return changed_; }

    /// `text` must be safe for a terminal.
    void write(std::string_view text) const;
    /// What is typed up to Enter; nothing after Ctrl-C, after Ctrl-D, or when the terminal is gone.
    std::optional<std::string> read_line() const;

 private:
    char read() const;

    int descriptor_;
    termios before_{};
    bool changed_ = false;
};

}  // namespace terminal
