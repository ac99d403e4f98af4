#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace xmpp::test {

/// What to run and where. `environment` is added to this process's own, as "NAME=value".
struct command {
    std::vector<std::string> arguments;  ///< the program first, found through PATH
    std::filesystem::path directory;     ///< where it runs; empty: here
    std::vector<std::string> environment = {};
    std::filesystem::path output;  ///< where stdout and stderr go; empty: discarded
};

/// A program that runs beside the test. It ends at the latest with this object, and with the thread
/// that started it even if the test crashes, so that no server outlives a run.
class child_process {
 public:
    /// Throws std::system_error when no process can be made. A program that can't be run is seen as
    /// an exit with status 127.
    explicit child_process(const command& what);
    ~child_process();
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;

    [[nodiscard]] bool running();
    /// Waits for the end; the exit status, or 128 + the signal that ended it.
    int wait();
    /// SIGTERM, then SIGKILL for one that is still there after `patience`.
    int terminate(std::chrono::milliseconds patience = std::chrono::seconds(10));
    int kill();

 private:
    bool reap(int flags);

    pid_t pid_;
    std::optional<int> status_;
};

/// Runs a program to its end and returns what it printed. Throws std::runtime_error with that text
/// if it fails.
std::string run_program(command what);

/// The program's path if PATH (or `directory`, when given) has it.
std::optional<std::filesystem::path> find_program(const std::string& name,
                                                  const std::filesystem::path& directory = {});

}  // namespace xmpp::test
