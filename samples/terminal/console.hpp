#pragma once

#include <xmpp/task.hpp>

#include "line_editor.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace chat {

/// A terminal on which one line is typed at the bottom while others appear above it.
class console {
 public:
    explicit console(const asio::any_io_executor& executor);

    /// Begins to edit lines; until then print() just prints.
    void open();
    /// Ends editing, puts the terminal back, and ends next_line().
    void close();

    /// `text` must be safe for a terminal; it may have several lines.
    void print(std::string_view text);

    /// The next line that was typed; nothing at the end. The console must outlive the task.
    xmpp::task<std::optional<std::string>> next_line();

    void set_prompt(std::string_view text);
    void on_completion(std::function<completion(std::string_view before_cursor)> complete);

    /// The terminal has another size, or the program goes on after a stop.
    void refresh();

 private:
    asio::posix::stream_descriptor input_;
    std::optional<line_editor> editor_;
    std::string prompt_;
    std::function<completion(std::string_view)> complete_;
};

}  // namespace chat
