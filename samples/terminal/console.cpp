#include "console.hpp"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace terminal {

bool can_edit_lines() {
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0 && terminal &&
           std::string_view(terminal) != "dumb";
}

// A descriptor of its own, for this one is closed in the end and standard input must not be.
console::console(const asio::any_io_executor& executor, std::string program)
    : program_(std::move(program)), input_(executor, ::dup(STDIN_FILENO)) {}

void console::open() {
    if (editor_) return;
    editor_.emplace(program_);
    editor_->hide();
    editor_->set_prompt(prompt_);
    editor_->on_completion(complete_);
    editor_->on_candidates([this](const std::vector<std::string>& names) {
        std::string all;
        for (const auto& name : names) all += (all.empty() ? "" : "  ") + name;
        print(all);
    });
    if (const auto path = history_path(program_); !path.empty()) editor_->history().load(path);
    editor_->show();
}

void console::close() {
    if (editor_) {
        if (const auto path = history_path(program_); !path.empty()) editor_->history().save(path);
        editor_.reset();
    }
    std::error_code ignored;
    input_.close(ignored);
}

void console::print(std::string_view text) {
    const bool typing = editor_ && editor_->shown();
    if (typing) editor_->hide();
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
    if (typing) editor_->show();
}

asio::awaitable<std::optional<std::string>> console::next_line() {
    while (editor_) {
        auto line = editor_->take_line();
        if (line) co_return line;
        if (editor_->ended()) break;
        editor_->show();

        // Waiting, not reading asynchronously: that would make the terminal non-blocking for
        // everybody who shares it.
        std::error_code failure;
        co_await input_.async_wait(asio::posix::stream_descriptor::wait_read,
                                   asio::redirect_error(asio::use_awaitable, failure));
        if (failure || !editor_) break;
        std::array<char, 4096> typed;
        const auto size = ::read(STDIN_FILENO, typed.data(), typed.size());
        if (size <= 0) break;
        editor_->feed(std::string_view(typed.data(), static_cast<std::size_t>(size)));
    }
    co_return std::nullopt;
}

void console::set_prompt(std::string_view text) {
    prompt_ = text;
    if (!editor_) return;
    const bool typing = editor_->shown();
    editor_->hide();
    editor_->set_prompt(text);
    if (typing) editor_->show();
}

void console::on_completion(std::function<completion(std::string_view)> complete) {
    complete_ = std::move(complete);
}

void console::refresh() {
    if (editor_) editor_->refresh_terminal();
}

}  // namespace terminal
