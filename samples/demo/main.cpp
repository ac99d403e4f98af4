// The chat on a server of its own, in this very process: nothing to set up, and nothing leaves the
// machine. On a terminal it is yours to try; otherwise two clients play a short scene.
#include <xmpp/connection.hpp>
#include <xmpp/testing/server.hpp>

#include "chat/chat_window.hpp"
#include "conversation.hpp"
#include "echo_contact.hpp"
#include "terminal/console.hpp"
#include "transport.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>
#include <vector>

namespace {

xmpp::testing::server_options demo_server() {
    return xmpp::testing::server_options()
        .domain("demo.test")
        .user("juliet", "secret")
        .user("romeo", "secret")
        .user("echo", "secret");
}

chat::exit_code try_it(asio::io_context& context, xmpp::testing::server& server,
                       demo::way_in& way) {
    chat::settings what;
    what.user = "juliet@" + server.domain();
    what.to = "echo@" + server.domain();
    what.service = way.service();
    what.ca_pem = server.ca_pem();
    what.verbose = true;

    xmpp::connection echo(context.get_executor(), "", server.client_options());
    asio::co_spawn(context, demo::be_echo(echo, xmpp::credentials(*what.to, "secret"), what.user),
                   [](std::exception_ptr) {});  // it ends with the demonstration
    auto result = chat::exit_code::login_failed;
    asio::co_spawn(context, chat::run_interactive(what, xmpp::credentials(what.user, "secret")),
                   [&](std::exception_ptr failure, chat::exit_code ended) {
                       echo.reset();
                       way.close();
                       server.stop();
                       if (failure) std::rethrow_exception(failure);
                       result = ended;
                   });
    context.run();
    return result;
}

/// What the command line asks for.
struct arguments {
    bool play = false;
    demo::transport how = demo::transport::tcp;
};

/// Nothing for --help, and for what is not understood.
std::optional<arguments> parse(const std::vector<std::string_view>& words) {
    arguments asked;
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at] == "--play") {
            asked.play = true;
            continue;
        }
        const bool names_transport = words[at] == "--transport" && at + 1 < words.size();
        const auto how = names_transport ? demo::parse_transport(words[++at]) : std::nullopt;
        if (!how) return std::nullopt;
        asked.how = *how;
    }
    return asked;
}

void print_usage() {
    fmt::print(
        "usage: demo [--play] [--transport tcp|ws|bosh|shared]\n\n"
        "Starts an XMPP server inside this program and chats on it. --play shows the scene\n"
        "that is played without a terminal, also on one. --transport says how the server is\n"
        "reached: over TCP, which is the default, over WebSocket, over HTTP, or by a broker\n"
        "whose session several programs share.\n");
}

int run(const arguments& asked) {
    asio::io_context context;
    xmpp::testing::server server(context.get_executor(), demo_server());
    server.start();
    demo::way_in way(context, server, asked.how);
    fmt::print(
        "A server for {} runs in this program, with a certificate made for it just now. It is "
        "reached over {}: {}\n",
        server.domain(), demo::describe(asked.how), way.service());
    if (!asked.play && terminal::can_edit_lines()) {
        return static_cast<int>(try_it(context, server, way));
    }

    const bool well = demo::play_conversation(context, server, way, asked.how);
    fmt::print("{}\n", well ? "All went well." : "Something went wrong.");
    return well ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    const auto asked = parse(words);
    if (!asked) {
        print_usage();
        const bool wanted = words == std::vector<std::string_view>(1, "--help");
        return wanted ? 0 : 1;
    }
    try {
        return run(*asked);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "demo: {}\n", failure.what());
        return 1;
    }
}
