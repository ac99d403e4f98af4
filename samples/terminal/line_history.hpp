#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace terminal {

/// The lines typed before, and the walk through them. The line that is being typed is kept while
/// older ones are looked at.
class line_history {
 public:
    explicit line_history(std::size_t limit = 1000) : limit_(limit) {}

    /// Notes a line, unless it repeats the one before, and ends the walk.
    void add(std::string_view line);

    /// The line before the one that is shown, which is `current`; nothing at the end.
    std::optional<std::string> older(std::string_view current);
    std::optional<std::string> newer();

    const std::deque<std::string>& lines() const noexcept { return lines_; }

    /// One line each; a file that is not there gives none.
    void load(const std::filesystem::path& file);
    /// Readable by the owner only. Returns false when it can't be written: a history is not worth
    /// failing for.
    bool save(const std::filesystem::path& file) const;

 private:
    std::size_t limit_;
    std::deque<std::string> lines_;
    std::size_t shown_ = 0;  // lines_.size(): the draft
    std::string draft_;
};

/// Where a program keeps its history: in $XDG_STATE_HOME, or ~/.local/state; empty without a home.
std::filesystem::path history_path(std::string_view program);

}  // namespace terminal
