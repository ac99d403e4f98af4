// The chat on a server of its own, in this very process: nothing to set up, and nothing leaves the
// machine. On a terminal it is yours to try; otherwise two clients play a short scene.
#include <xmpp/connection.hpp>
#include <xmpp/testing/server.hpp>

#include "conversation.hpp"
#include "echo_contact.hpp"
#include "interactive.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

namespace {

xmpp::testing::server_options demo_server() {
    return xmpp::testing::server_options()
        .domain("demo.test")
        .user("juliet", "secret")
        .user("romeo", "secret")
        .user("echo", "secret");
}

chat::exit_code try_it(asio::io_context& context, xmpp::testing::server& server) {
    chat::settings what;
    what.user = "juliet@" + server.domain();
    what.to = "echo@" + server.domain();
    what.connect_address = fmt::format("127.0.0.1:{}", server.port());
    what.ca_pem = server.ca_pem();
    what.verbose = true;

    xmpp::connection echo(context.get_executor(), "", server.client_options());
    asio::co_spawn(context, demo::be_echo(echo, xmpp::credentials(*what.to, "secret"), what.user),
                   [](std::exception_ptr) {});  // it ends with the demonstration
    auto result = chat::exit_code::login_failed;
    asio::co_spawn(context, chat::run_interactive(what, xmpp::credentials(what.user, "secret")),
                   [&](std::exception_ptr failure, chat::exit_code ended) {
                       echo.reset();
                       server.stop();
                       if (failure) std::rethrow_exception(failure);
                       result = ended;
                   });
    context.run();
    return result;
}

int usage() {
    fmt::print(
        "usage: demo [--play]\n\n"
        "Starts an XMPP server inside this program and chats on it. --play shows the scene\n"
        "that is played without a terminal, also on one.\n");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view argument = argc > 1 ? argv[1] : "";
    if (!argument.empty() && argument != "--play") return usage();
    try {
        asio::io_context context;
        xmpp::testing::server server(context.get_executor(), demo_server());
        server.start();
        fmt::print(
            "A server for {} runs in this program, on port {}, with a certificate made for it "
            "just now.\n",
            server.domain(), server.port());
        if (argument.empty() && chat::can_be_interactive())
            return static_cast<int>(try_it(context, server));

        const bool well = demo::play_conversation(context, server);
        fmt::print("{}\n", well ? "All went well." : "Something went wrong.");
        return well ? 0 : 1;
    } catch (const std::exception& failure) {
        fmt::print(stderr, "demo: {}\n", failure.what());
        return 1;
    }
}
