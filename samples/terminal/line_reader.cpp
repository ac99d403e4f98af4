#include "line_reader.hpp"

#include <asio/error.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <array>
#include <cerrno>
#include <unistd.h>

namespace terminal {

// A descriptor of its own, for this one is closed in the end and standard input must not be.
line_reader::line_reader(const asio::any_io_executor& executor)
    : input_(executor, ::dup(STDIN_FILENO)) {}

asio::awaitable<std::optional<std::string>> line_reader::next() {
    for (;;) {
        auto line = take_line();
        if (line || ended_) co_return line;

        // Waiting, not reading asynchronously: that would make the descriptor non-blocking for
        // everybody who shares it. What can't be waited for (files) is there at once.
        std::error_code failure;
        co_await input_.async_wait(asio::posix::stream_descriptor::wait_read,
                                   asio::redirect_error(asio::use_awaitable, failure));
        const bool always_ready = failure == asio::error::operation_not_supported;
        if ((failure && !always_ready) || !input_.is_open()) co_return std::nullopt;

        std::array<char, 4096> bytes;
        const auto size = ::read(input_.native_handle(), bytes.data(), bytes.size());
        if (size > 0) {
            buffer_.append(bytes.data(), static_cast<std::size_t>(size));
        } else if (size == 0 || errno != EINTR) {
            ended_ = true;
        }
    }
}

void line_reader::close() {
    std::error_code ignored;
    input_.close(ignored);
}

std::optional<std::string> line_reader::take_line() {
    const auto end = buffer_.find('\n');
    if (end == std::string::npos && (!ended_ || buffer_.empty())) return {};
    auto line = buffer_.substr(0, end);
    buffer_.erase(0, end == std::string::npos ? end : end + 1);
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace terminal
