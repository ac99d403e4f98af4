#include "silent_terminal.hpp"

#include "text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace terminal {
namespace {

constexpr char end_of_input = '\004';
constexpr char interrupt = '\003';
constexpr char erase_line = '\025';

void remove_last_character(std::string& text) {
    while (!text.empty() && continues_character(text.back())) text.pop_back();
    if (!text.empty()) text.pop_back();
}

}  // namespace

silent_terminal::silent_terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    changed_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
}

silent_terminal::~silent_terminal() {
    if (changed_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
}

void silent_terminal::write(std::string_view text) const {
    while (!text.empty()) {
        const auto written = ::write(descriptor_, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::optional<std::string> silent_terminal::read_line() const {
    std::string line;
    for (;;) {
        const char key = read();
        const bool given_up = key == interrupt || key == end_of_input;
        if (given_up || key == '\r' || key == '\n') {
            write("\n");
            if (given_up) return std::nullopt;
            return line;
        }
        if (key == '\b' || key == '\177') {
            remove_last_character(line);
        } else if (key == erase_line) {
            line.clear();
        } else {
            line += key;
        }
    }
}

/// The next byte; that of Ctrl-D at the end of input.
char silent_terminal::read() const {
    for (;;) {
        char byte = 0;
        const auto size = ::read(descriptor_, &byte, 1);
        if (size == 1) return byte;
        if (size == 0 || errno != EINTR) return end_of_input;
    }
}

}  // namespace terminal
