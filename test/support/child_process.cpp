#include "support/child_process.hpp"

#include "support/files.hpp"
#include "support/throw_errno.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace xmpp::test {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    for (auto& string : strings) pointers.push_back(string.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// The child's part between fork and exec: system calls only.
[[noreturn]] void become(char** arguments, char** environment, const char* directory,
                         const char* output, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int in = ::open("/dev/null", O_RDONLY);
    const int out = ::open(output, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (in < 0 || out < 0) ::_exit(127);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    if (*directory != '\0' && ::chdir(directory) != 0) ::_exit(127);
    ::execvpe(arguments[0], arguments, environment);
    ::_exit(127);
}

}  // namespace

child_process::child_process(const command& what) {
    auto arguments = what.arguments;
    auto environment = what.environment;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
    const auto argument_pointers = pointers_to(arguments);
    const auto environment_pointers = pointers_to(environment);
    const std::string output = what.output.empty() ? "/dev/null" : what.output.string();

    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw_errno("fork");
    if (pid_ == 0) {
        become(const_cast<char**>(argument_pointers.data()),
               const_cast<char**>(environment_pointers.data()), what.directory.c_str(),
               output.c_str(), parent);
    }
}

child_process::~child_process() {
    terminate();
}

bool child_process::reap(int flags) {
    if (status_) return true;
    int status = 0;
    pid_t got = 0;
    do {
        got = ::waitpid(pid_, &status, flags);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return false;
    status_ = got < 0 || WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

bool child_process::running() {
    return !reap(WNOHANG);
}

int child_process::wait() {
    reap(0);
    return *status_;
}

int child_process::terminate(std::chrono::milliseconds patience) {
    if (!running()) return *status_;
    ::kill(pid_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (running()) {
        if (std::chrono::steady_clock::now() > deadline) return kill();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return *status_;
}

int child_process::kill() {
    if (running()) ::kill(pid_, SIGKILL);
    return wait();
}

std::string run_program(command what) {
    temporary_directory scratch;
    if (what.output.empty()) what.output = scratch.path() / "output";
    const int status = child_process(what).wait();
    auto printed = read_file(what.output);
    if (status != 0) {
        throw std::runtime_error(what.arguments.front() + " failed with status " +
                                 std::to_string(status) + ": " + printed);
    }
    return printed;
}

std::optional<std::filesystem::path> find_program(const std::string& name,
                                                  const std::filesystem::path& directory) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(directory.empty() ? std::string(path ? path : "")
                                                 : directory.string());
    for (std::string folder; std::getline(folders, folder, ':');) {
        auto candidate = std::filesystem::path(folder) / name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return std::nullopt;
}

}  // namespace xmpp::test
