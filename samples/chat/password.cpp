#include "password.hpp"

#include "terminal/safe_text.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <termios.h>
#include <unistd.h>

namespace chat {
namespace {

/// The terminal of this process, even where standard input is something else; shows nothing of what
/// is typed, and leaves every key to us, so that the mode is always put back.
class silent_terminal {
 public:
    silent_terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
        if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
        changed_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
    }
    silent_terminal(const silent_terminal&) = delete;
    silent_terminal& operator=(const silent_terminal&) = delete;
    ~silent_terminal() {
        if (changed_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    bool usable() const noexcept { return changed_; }

    void write(std::string_view text) const {
        while (!text.empty()) {
            const auto written = ::write(descriptor_, text.data(), text.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    /// The next byte; that of Ctrl-D at the end of input.
    char read() const {
        for (;;) {
            char byte = 0;
            const auto size = ::read(descriptor_, &byte, 1);
            if (size == 1) return byte;
            if (size == 0 || errno != EINTR) return end_of_input;
        }
    }

    static constexpr char end_of_input = '\004';
    static constexpr char interrupt = '\003';
    static constexpr char erase_line = '\025';

 private:
    int descriptor_;
    termios before_{};
    bool changed_ = false;
};

void remove_last_character(std::string& text) {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80; };
    while (!text.empty() && continues(text.back())) text.pop_back();
    if (!text.empty()) text.pop_back();
}

std::string ask_for_password(const xmpp::jid& user) {
    const silent_terminal terminal;
    if (!terminal.usable())
        throw std::runtime_error(
            "no password: set XMPP_PASSWORD, use --password-file, or run this on a terminal");

    terminal.write("Password of " + safe_text(user.bare().str()) + ": ");
    std::string password;
    for (;;) {
        const char key = terminal.read();
        if (key == '\r' || key == '\n') break;
        if (key == silent_terminal::interrupt || key == silent_terminal::end_of_input) {
            terminal.write("\n");
            throw std::runtime_error("no password was given");
        }
        if (key == '\b' || key == '\177') {
            remove_last_character(password);
        } else if (key == silent_terminal::erase_line) {
            password.clear();
        } else {
            password += key;
        }
    }
    terminal.write("\n");
    return password;
}

std::string password_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string password;
    if (!std::getline(file, password))
        throw std::runtime_error("there is no password in " + path.string());
    if (password.ends_with('\r')) password.pop_back();
    return password;
}

}  // namespace

std::string find_password(const settings& what) {
    if (!what.password_file.empty()) return password_in(what.password_file);
    const char* variable = std::getenv("XMPP_PASSWORD");
    if (variable && *variable) return variable;
    return ask_for_password(what.user);
}

}  // namespace chat
