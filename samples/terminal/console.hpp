#pragma once

#include "line_editor.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace terminal {

/// Standard input and output are a terminal that can move its cursor.
bool can_edit_lines();

/// A terminal on which one line is typed at the bottom while others appear above it.
class console {
 public:
    /// `program` is the folder in which the lines are kept from one run to the next.
    console(const asio::any_io_executor& executor, std::string program);

    /// Begins to edit lines; until then print() just prints.
    void open();
    /// Ends editing, puts the terminal back, and ends next_line().
    void close();

    /// `text` must be safe for a terminal; it may have several lines.
    void print(std::string_view text);

    /// The next line that was typed; nothing at the end. The console must outlive the task.
    asio::awaitable<std::optional<std::string>> next_line();

    void set_prompt(std::string_view text);
    void on_completion(std::function<completion(std::string_view before_cursor)> complete);

    /// The terminal has another size, or the program goes on after a stop.
    void refresh();

 private:
    std::string program_;
    asio::posix::stream_descriptor input_;
    std::optional<line_editor> editor_;
    std::string prompt_;
    std::function<completion(std::string_view)> complete_;
};

}  // namespace terminal
