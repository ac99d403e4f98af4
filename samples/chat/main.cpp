// A chat for the terminal and for scripts; see docs/chat.md.
#include "chat_window.hpp"
#include "script.hpp"
#include "settings.hpp"
#include "terminal/console.hpp"

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>

namespace {

constexpr auto about =
    "Chat over XMPP.\n"
    "\n"
    "On a terminal, /help lists the commands. Otherwise each line of standard input goes to --to,\n"
    "and each message that comes is printed as a line \"<jid> body\".";

constexpr auto footer =
    "The password is taken from --password-file, else from the environment (XMPP_PASSWORD), else\n"
    "asked for. NO_COLOR in the environment turns colours off.\n"
    "\n"
    "Exit codes:\n"
    "  0    all went well\n"
    "  1    wrong options, or no password\n"
    "  2    the login failed\n"
    "  3    the connection was lost\n"
    "  4    a message came back undelivered, or fewer came than --count\n"
    "  130  interrupted";

std::string check_address(const std::string& text) {
    return xmpp::jid::parse(text) ? std::string() : "'" + text + "' is not an XMPP address";
}

std::string check_file(const std::string& path) {
    return std::filesystem::is_regular_file(path) ? std::string() : "there is no file " + path;
}

void add_options(CLI::App& app, chat::settings& what, std::string& user, std::string& to) {
    app.add_option("jid", user, "Who you are: user@domain, or a domain to log in anonymously")
        ->required()
        ->type_name("JID")
        ->check(check_address);
    app.add_option("-t,--to", to, "Whom to write to")->type_name("JID")->check(check_address);
    app.add_option("--password-file", what.password_file, "Its first line is the password")
        ->type_name("FILE")
        ->check(check_file);
    app.add_option("--resource", what.resource, "What this session is called")->type_name("NAME");

    app.add_option(
           "--service", what.service,
           "Where to log in: xmpp://host[:port], xmpps:// with TLS from the first byte,\n"
           "wss://host[:port]/path over WebSocket, https://host[:port]/path over HTTP (BOSH)")
        ->type_name("URL")
        ->group("Connection");
    app.add_option("--connect-address", what.connect_address,
                   "Where to connect, when that is not the service's host")
        ->type_name("HOST[:PORT]")
        ->group("Connection");
    app.add_option("--ca", what.ca_file, "PEM file with further authorities to trust")
        ->type_name("FILE")
        ->check(check_file)
        ->group("Connection");
    app.add_option("--mechanism", what.mechanisms, "SASL mechanism to use; repeat for more")
        ->type_name("NAME")
        ->take_all()
        ->group("Connection");
    app.add_flag("--plaintext", what.plaintext, "Let a password cross an unencrypted link")
        ->group("Connection");
    app.add_flag("--no-tls", what.no_tls, "No encryption at all: for tests on your own machine")
        ->group("Connection");

    app.add_flag("--xml", what.show_xml, "Show what goes over the wire, without secrets");
    app.add_flag("--verbose", what.verbose, "Tell each step, also without a terminal");
    app.add_option_function<unsigned>(
           "--linger",
           [&what](const unsigned& seconds) { what.linger = std::chrono::seconds(seconds); },
           "Without a terminal: stay so long after the last line, for answers")
        ->type_name("SECONDS");
    app.add_option("--count", what.count,
                   "Without a terminal: stay until so many messages have come")
        ->type_name("N");
}

/// What was asked for; or, after --help, --version or a mistake, how to end. The text for people
/// is printed by then.
std::variant<chat::settings, chat::exit_code> parse_command_line(int argc,
                                                                 const char* const* argv) {
    chat::settings what;
    std::string user;
    std::string to;

    CLI::App app(about, "chat");
    app.footer(footer);
    app.set_version_flag("--version", "chat " CHAT_VERSION);
    add_options(app, what, user, to);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& end) {
        return app.exit(end) == 0 ? chat::exit_code::ok : chat::exit_code::usage;
    }
    what.user = xmpp::jid(user);
    if (!to.empty()) what.to = xmpp::jid(to);
    return what;
}

chat::exit_code run(const chat::settings& what) {
    std::string password;
    if (chat::needs_password(what)) password = chat::find_password(what);
    const auto who = chat::login_credentials(what, std::move(password));

    asio::io_context context;
    auto result = chat::exit_code::login_failed;
    auto work =
        terminal::can_edit_lines() ? chat::run_interactive(what, who) : chat::run_script(what, who);
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
        const auto asked = parse_command_line(argc, argv);
        if (const auto* end = std::get_if<chat::exit_code>(&asked)) return static_cast<int>(*end);
        return static_cast<int>(run(std::get<chat::settings>(asked)));
    } catch (const std::exception& failure) {
        fmt::print(stderr, "chat: {}\n", failure.what());
        return static_cast<int>(chat::exit_code::usage);
    }
}
