#include "line_history.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace terminal {
namespace {

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

void line_history::add(std::string_view line) {
    if (!line.empty() && (lines_.empty() || lines_.back() != line)) lines_.emplace_back(line);
    if (lines_.size() > limit_) lines_.pop_front();
    shown_ = lines_.size();
    draft_.clear();
}

std::optional<std::string> line_history::older(std::string_view current) {
    if (shown_ == 0) return {};
    if (shown_ == lines_.size()) draft_ = current;
    return lines_[--shown_];
}

std::optional<std::string> line_history::newer() {
    if (shown_ == lines_.size()) return {};
    return ++shown_ == lines_.size() ? draft_ : lines_[shown_];
}

void line_history::load(const std::filesystem::path& file) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) add(line);
}

bool line_history::save(const std::filesystem::path& file) const {
    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    if (failure) return false;

    // Made anew beside the old one: its mode is right from the start, and a crash loses nothing.
    auto fresh = file;
    fresh += ".new";
    std::filesystem::remove(fresh, failure);
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return false;
    std::string text;
    for (const auto& line : lines_) text += line + '\n';
    const bool written = write_all(descriptor, text);
    ::close(descriptor);
    if (written) std::filesystem::rename(fresh, file, failure);
    return written && !failure;
}

std::filesystem::path history_path(std::string_view program) {
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    std::filesystem::path folder;
    if (state && *state == '/') {
        folder = state;
    } else if (home && *home) {
        folder = std::filesystem::path(home) / ".local" / "state";
    } else {
        return {};
    }
    return folder / program / "history";
}

}  // namespace terminal
