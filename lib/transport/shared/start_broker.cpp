#include "transport/shared/start_broker.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr int given_descriptor = 3;

[[noreturn]] void fail(const std::filesystem::path& program, int number) {
    throw error(std::error_code(number, std::system_category()),
                fmt::format("starting the broker {}", program.string()));
}

/// What the two processes on the way to the broker do: nothing that other threads of this one could
/// have in hand (fork(2)), so that everything that needs memory was made before.
class launch {
 public:
    launch(char* const* arguments, int listening, int report) noexcept
        : arguments_(arguments), listening_(listening), report_(report) {}

    /// A session of its own, and nobody who would have to wait for its end.
    [[noreturn]] void run() const noexcept {
        ::setsid();
        const pid_t child = ::fork();
        if (child < 0) give_up();
        if (child > 0) ::_exit(0);
        become_the_broker();
    }

 private:
    [[noreturn]] void become_the_broker() const noexcept {
        // First out of the way of the numbers that are given.
        const int listening = ::fcntl(listening_, F_DUPFD, given_descriptor + 1);
        const int report = ::fcntl(report_, F_DUPFD_CLOEXEC, given_descriptor + 1);
        const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        if (listening < 0 || report < 0 || nothing < 0) give_up();
        for (int standard = 0; standard < given_descriptor; ++standard) ::dup2(nothing, standard);
        if (::dup2(listening, given_descriptor) < 0) give_up();
        ::close(listening);
        ::execv(arguments_[0], arguments_);
        const int why = errno;
        [[maybe_unused]] const auto told = ::write(report, &why, sizeof(why));
        ::_exit(127);
    }

    [[noreturn]] void give_up() const noexcept {
        const int why = errno;
        [[maybe_unused]] const auto told = ::write(report_, &why, sizeof(why));
        ::_exit(127);
    }

    char* const* arguments_;
    int listening_;
    int report_;
};

/// What comes through the pipe is why it failed; its end alone is that it runs.
int failure_from(const descriptor& pipe) {
    int why = 0;
    ssize_t size = 0;
    do {
        size = ::read(pipe.get(), &why, sizeof(why));
    } while (size < 0 && errno == EINTR);
    return size == static_cast<ssize_t>(sizeof(why)) ? why : 0;
}

}  // namespace

void start_broker(const std::filesystem::path& program, const std::filesystem::path& socket,
                  descriptor listening) {
    std::array<std::string, 6> words{program.string(),
                                     "--socket",
                                     socket.string(),
                                     "--descriptor",
                                     fmt::to_string(given_descriptor),
                                     "--until-idle"};
    std::array<char*, words.size() + 1> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();

    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(program, errno);
    const descriptor heard(ends[0]);
    descriptor report(ends[1]);
    const launch way(arguments.data(), listening.get(), report.get());
    const pid_t child = ::fork();
    if (child < 0) fail(program, errno);
    if (child == 0) way.run();
    report = descriptor();
    const int why = failure_from(heard);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (why != 0) fail(program, why);
}

}  // namespace xmpp::detail
