// What a login leaves behind in the memory of the process: nothing of what has shown the password.
// The server is another process, so that only the client's memory is looked at.
#include <xmpp/testing/server.hpp>
#include <xmpp/xmpp.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xmpp::test {
namespace {

/// Text that stands nowhere in the memory of the process as it is.
template <std::size_t Size>
struct hidden_text {
    static constexpr unsigned char key = 0xA5;

    consteval explicit hidden_text(const char (&text)[Size]) {
        for (std::size_t i = 0; i + 1 < Size; ++i) {
            bytes[i] = static_cast<unsigned char>(static_cast<unsigned char>(text[i]) ^ key);
        }
    }
    bool stands_in(const std::string& memory) const noexcept {
        for (std::size_t at = 0; at + bytes.size() <= memory.size(); ++at) {
            std::size_t i = 0;
            while (i < bytes.size() &&
                   (static_cast<unsigned char>(memory[at + i]) ^ key) == bytes[i]) {
                ++i;
            }
            if (i == bytes.size()) return true;
        }
        return false;
    }

    std::array<unsigned char, Size - 1> bytes{};
};

// Of the message of PLAIN, "\0juliet\0correct horse battery staple", and its base64.
constexpr hidden_text message("juliet\0correct horse");
constexpr hidden_text in_base64("anVsaWV0AGNvcnJlY3QgaG9yc2Ug");

const char* const password = "correct horse battery staple";

/// Calls `look` with the memory that the process can write to, in overlapping pieces.
void for_each_piece(const std::function<void(const std::string& piece)>& look) {
    constexpr std::uint64_t most = 1ULL << 30U;  // a sanitizer's shadow is larger
    constexpr std::size_t piece = 1U << 20U;
    constexpr std::size_t overlap = 64;
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(memory, 0);
    std::string bytes(piece, '\0');
    std::ifstream maps("/proc/self/maps");
    std::string line;
    while (std::getline(maps, line)) {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::string rights;
        std::istringstream(line) >> std::hex >> begin >> dash >> end >> rights;
        if (!rights.starts_with("rw") || end - begin > most) continue;
        for (auto at = begin; at < end; at += piece - overlap) {
            const auto wanted = std::min<std::uint64_t>(piece, end - at);
            bytes.resize(wanted);
            const auto got = ::pread(memory, bytes.data(), wanted, static_cast<off_t>(at));
            if (got <= 0) break;
            bytes.resize(static_cast<std::size_t>(got));
            look(bytes);
        }
    }
    ::close(memory);
}

struct traces {
    int messages = 0;
    int payloads = 0;
};

traces find_traces() {
    traces found;
    for_each_piece([&found](const std::string& piece) {
        found.messages += message.stands_in(piece) ? 1 : 0;
        found.payloads += in_base64.stands_in(piece) ? 1 : 0;
    });
    return found;
}

/// A server that lets everybody see everything, in a process of its own.
class other_process {
 public:
    other_process() {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
        child_ = ::fork();
        if (child_ == 0) serve(ends[1]);
        ::close(ends[1]);
        std::string told;
        std::array<char, 512> room{};
        for (auto got = ::read(ends[0], room.data(), room.size()); got > 0;
             got = ::read(ends[0], room.data(), room.size())) {
            told.append(room.data(), static_cast<std::size_t>(got));
        }
        ::close(ends[0]);
        std::istringstream(told) >> tcp >> websocket >> http;
    }
    other_process(const other_process&) = delete;
    other_process& operator=(const other_process&) = delete;
    ~other_process() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }

    std::string tcp;
    std::string websocket;
    std::string http;

 private:
    [[noreturn]] static void serve(int tell) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        asio::io_context context;
        testing::server server(context.get_executor(), testing::server_options()
                                                           .user("juliet", password)
                                                           .mechanisms({"PLAIN"})
                                                           .tls(tls_mode::disabled));
        server.start();
        const auto text = fmt::format("xmpp://127.0.0.1:{} {} {}\n", server.port(), server.ws_url(),
                                      server.http_url());
        const bool told =
            ::write(tell, text.data(), text.size()) == static_cast<ssize_t>(text.size());
        ::close(tell);
        if (told) context.run();
        ::_exit(1);
    }

    pid_t child_ = -1;
};

task<> log_in_and_look(connection& conn, traces* found) {
    co_await conn.login(credentials("juliet@example.test", password));
    *found = find_traces();
    co_await conn.disconnect();
}

class memory_after_a_login : public ::testing::TestWithParam<std::string other_process::*> {};

TEST_P(memory_after_a_login, has_no_copy_of_what_showed_the_password) {
    const other_process server;
    const auto service = server.*GetParam();
    if (service.empty()) GTEST_SKIP() << "this build has no such transport";
    traces found;
    {
        asio::io_context context;
        connection conn(context.get_executor(), service,
                        options().tls(tls_mode::disabled).allow_plaintext_auth(true));
        std::exception_ptr failure;
        asio::co_spawn(context, log_in_and_look(conn, &found),
                       [&failure](std::exception_ptr why) { failure = std::move(why); });
        context.run();
        if (failure) std::rethrow_exception(failure);
    }
    EXPECT_EQ(found.messages, 0);
    EXPECT_EQ(found.payloads, 0);
    const auto later = find_traces();
    EXPECT_EQ(later.messages, 0) << "after the connection has gone";
    EXPECT_EQ(later.payloads, 0) << "after the connection has gone";
}

std::string name_of(const ::testing::TestParamInfo<std::string other_process::*>& row) {
    constexpr std::array<const char*, 3> names{"TCP", "WebSocket", "HTTP"};
    return names.at(row.index);
}

INSTANTIATE_TEST_SUITE_P(over, memory_after_a_login,
                         ::testing::Values(&other_process::tcp, &other_process::websocket,
                                           &other_process::http),
                         name_of);

TEST(memory_search, finds_what_is_there) {
    const auto found = find_traces();
    std::string copy("juliet");
    copy += '\0';
    copy += password;
    EXPECT_EQ(found.messages, 0);
    EXPECT_GT(find_traces().messages, 0) << copy.size();
}

}  // namespace
}  // namespace xmpp::test
