// The broker of a shared session: owns one XMPP session for several programs of one user.
//
//     xmpp_broker --socket /run/user/1000/xmpp.sock
//
// Started by hand, by a service manager with socket activation (LISTEN_FDS), or by the first
// program that needs it (options::worker_program). SIGINT and SIGTERM end the session in good order
// and the broker with it.
#include <xmpp/broker.hpp>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace {

struct settings {
    std::string socket;
    int descriptor = -1;
    double linger = 10;
    std::size_t max_programs = 64;
    bool until_idle = false;
    bool verbose = false;
    std::string service;
    std::string ca_file;
    std::string connect_address;
};

constexpr const char* footer =
    "Programs connect with the service unix:PATH, or with options::worker. Without --socket and\n"
    "--descriptor, the socket of a service manager is used (LISTEN_FDS, LISTEN_PID).\n"
    "\n"
    "Exit codes:\n"
    "  0    asked to end, or nobody was left (--until-idle)\n"
    "  1    wrong options, or the socket can't be used";

void add_options(CLI::App& app, settings& what) {
    app.add_option("-s,--socket", what.socket, "The socket to serve on")->type_name("PATH");
    app.add_option("--descriptor", what.descriptor, "The socket to serve on, already listening")
        ->type_name("NUMBER");
    app.add_option("--linger", what.linger, "How long the session outlives its last program")
        ->type_name("SECONDS")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--max-programs", what.max_programs, "How many may share the session")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_flag("--until-idle", what.until_idle, "End when neither session nor program is left");
    app.add_flag("-v,--verbose", what.verbose, "Log every step");
    app.add_option("--service", what.service, "Where to log in when a program does not say")
        ->type_name("URL");
    app.add_option("--connect-address", what.connect_address,
                   "Where to open TCP, when that is not the service's host")
        ->type_name("HOST[:PORT]");
    app.add_option("--ca", what.ca_file, "PEM file with further authorities to trust")
        ->type_name("FILE");
    app.footer(footer);
}

xmpp::broker_options broker_settings(const settings& what) {
    xmpp::options connection;
    connection.ca_file(what.ca_file)
        .connect_address(what.connect_address)
        .max_retries(xmpp::unlimited)
        .bosh_retries(xmpp::unlimited);
    const auto linger = static_cast<std::int64_t>(what.linger * 1000);
    return xmpp::broker_options()
        .linger(std::chrono::milliseconds(linger))
        .max_clients(what.max_programs)
        .until_idle(what.until_idle)
        .service(what.service)
        .connection(connection);
}

/// As sd_listen_fds(3) has it: descriptors from 3 on, for the process that is named.
std::optional<int> activated_socket() {
    const char* process = std::getenv("LISTEN_PID");
    const char* count = std::getenv("LISTEN_FDS");
    if (!process || !count || process != std::to_string(::getpid()) || std::string(count) != "1") {
        return std::nullopt;
    }
    return 3;
}

std::unique_ptr<xmpp::broker> make_broker(const asio::any_io_executor& executor,
                                          const settings& what) {
    std::optional<int> descriptor = activated_socket();
    if (what.descriptor >= 0) descriptor = what.descriptor;
    if (descriptor) {
        ::fcntl(*descriptor, F_SETFD, FD_CLOEXEC);
        return std::make_unique<xmpp::broker>(executor, *descriptor, broker_settings(what));
    }
    if (what.socket.empty()) throw std::runtime_error("name a socket: --socket PATH");
    return std::make_unique<xmpp::broker>(executor, std::filesystem::path(what.socket),
                                          broker_settings(what));
}

void serve(const settings& what) {
    asio::io_context context;
    const auto broker = make_broker(context.get_executor(), what);
    broker->on_log(what.verbose ? xmpp::log_level::debug : xmpp::log_level::warning,
                   [](xmpp::log_level level, std::string_view line) {
                       fmt::print(stderr, "{}: {}\n", level, line);
                   });
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](std::error_code cancelled, int) {
        if (!cancelled) broker->stop();
    });
    asio::co_spawn(context, broker->run(), [&](std::exception_ptr failure) {
        signals.cancel();
        if (failure) std::rethrow_exception(failure);
    });
    if (what.verbose) fmt::print(stderr, "serving\n");
    context.run();
}

}  // namespace

int main(int argc, char** argv) {
    settings what;
    CLI::App app("Owns one XMPP session for several programs of one user.");
    add_options(app, what);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : 1;
    }
    try {
        serve(what);
        return 0;
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}\n", failure.what());
        return 1;
    }
}
