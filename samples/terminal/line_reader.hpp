#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <optional>
#include <string>

namespace terminal {

/// The lines of standard input, whatever that is: a pipe, a file, /dev/null, a terminal.
class line_reader {
 public:
    explicit line_reader(const asio::any_io_executor& executor);

    /// The next line without its end; nothing at the end of input, and after close(). The reader
    /// must outlive the task.
    asio::awaitable<std::optional<std::string>> next();
    void close();

 private:
    std::optional<std::string> take_line();

    asio::posix::stream_descriptor input_;
    std::string buffer_;
    bool ended_ = false;
};

}  // namespace terminal
