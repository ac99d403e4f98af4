// A chat for the terminal and for scripts; see docs/chat.md.
#include "command_line.hpp"
#include "interactive.hpp"
#include "password.hpp"
#include "script.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <variant>

namespace {

chat::exit_code run(const chat::settings& what) {
    std::string password;
    if (chat::needs_password(what)) password = chat::find_password(what);
    const auto who = chat::login_credentials(what, std::move(password));

    asio::io_context context;
    auto result = chat::exit_code::login_failed;
    auto work =
        chat::can_be_interactive() ? chat::run_interactive(what, who) : chat::run_script(what, who);
    asio::co_spawn(context, std::move(work),
                   [&](std::exception_ptr failure, chat::exit_code ended) {
                       if (failure) std::rethrow_exception(failure);
                       result = ended;
                   });
    context.run();
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto asked = chat::parse_command_line(argc, argv);
        if (const auto* end = std::get_if<chat::exit_code>(&asked)) return static_cast<int>(*end);
        return static_cast<int>(run(std::get<chat::settings>(asked)));
    } catch (const std::exception& failure) {
        fmt::print(stderr, "chat: {}\n", failure.what());
        return static_cast<int>(chat::exit_code::usage);
    }
}
