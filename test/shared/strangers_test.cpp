// Whoever else comes to the socket.
#include "shared/shared_test.hpp"
#include "support/files.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
namespace shared = detail::shared;

class shared_strangers : public shared_test {
 protected:
    shared_strangers() {
        peer.accept_login("juliet@example.org/balcony");
        add().connect();
    }
    /// Nobody was disturbed.
    void expect_peace() {
        EXPECT_TRUE(programs[0]->conn->connected());
        auto& next = add();
        next.connect();
        EXPECT_EQ(next.path(), "CONNECTING ATTACHED");
    }
};

TEST_F(shared_strangers, garbage_half_a_message_and_a_gigabyte_disturb_nobody) {
    for (const auto& bytes :
         {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\x40\0\0\0H", 5),
          shared::encode(shared::hello()).substr(0, 9), std::string("\0\0\0\1z", 5),
          shared::encode(shared::welcome()), shared::encode(shared::pong())}) {
        raw_program stranger(context, socket);
        stranger.send_bytes(bytes);
        pass(11s);  // half a message is waited for
        EXPECT_TRUE(stranger.over()) << bytes;
        EXPECT_EQ(stranger.count<shared::welcome>(), 0u);
    }
    expect_peace();
}

TEST_F(shared_strangers, half_a_message_and_the_end_disturb_nobody) {
    raw_program stranger(context, socket);
    stranger.send(shared::hello());
    stranger.send_bytes("\x01\x02");
    stranger.hang_up();
    expect_peace();
}

TEST_F(shared_strangers, what_is_no_stanza_puts_only_its_sender_out) {
    for (const auto* xml : {"", "no xml", "<message>", "<message/><message/>", "</x>",
                            "<!DOCTYPE a [<!ENTITY b 'c'>]><message>&b;</message>"}) {
        raw_program stranger(context, socket);
        stranger.attach();
        ASSERT_NE(stranger.last<shared::welcome>(), nullptr);
        shared::outgoing bad;
        bad.xml = xml;
        stranger.send(bad);
        EXPECT_TRUE(stranger.over()) << xml;
        EXPECT_NE(stranger.last<shared::ended>(), nullptr) << xml;
    }
    expect_peace();
}

TEST_F(shared_strangers, who_says_nothing_is_put_out) {
    raw_program silent(context, socket);
    pass(9s);
    EXPECT_FALSE(silent.over());
    pass(2s);
    EXPECT_TRUE(silent.over());
}

TEST_F(shared_strangers, who_sends_before_it_has_joined_is_put_out) {
    raw_program early(context, socket);
    early.send(shared::hello());
    shared::outgoing message;
    message.xml = "<message/>";
    early.send(message);
    EXPECT_TRUE(early.over());
    expect_peace();
}

TEST_F(shared_strangers, another_version_is_refused_with_both_numbers) {
    raw_program newer(context, socket);
    shared::hello theirs;
    theirs.version = 7;
    newer.send(theirs);
    ASSERT_NE(newer.last<shared::hello>(), nullptr) << "it learns our version";
    EXPECT_EQ(newer.last<shared::hello>()->version, shared::protocol_version);
    ASSERT_NE(newer.last<shared::ended>(), nullptr);
    EXPECT_EQ(newer.last<shared::ended>()->condition, "unsupported-version");
    EXPECT_NE(newer.last<shared::ended>()->text.find("version 7"), std::string::npos);
    EXPECT_TRUE(newer.over());
    expect_peace();
}

TEST_F(shared_strangers, programs_beyond_the_limit_are_refused) {
    serve(settings().max_clients(2));
    raw_program first(context, socket);
    raw_program second(context, socket);
    raw_program third(context, socket);
    ASSERT_NE(third.last<shared::ended>(), nullptr);
    EXPECT_EQ(third.last<shared::ended>()->condition, "queue-overflow");
    EXPECT_TRUE(third.over());
    first.hang_up();
    raw_program fourth(context, socket);
    EXPECT_EQ(fourth.last<shared::ended>(), nullptr);
}

TEST_F(shared_strangers, who_comes_again_and_again_to_be_put_out_uses_up_nothing) {
    for (int i = 0; i < 300; ++i) {
        raw_program stranger(context, socket);
        stranger.send_bytes(std::string("\0\0\0\1z", 5));
        EXPECT_TRUE(stranger.over());
    }
    EXPECT_LT(time->pending(), 100u);
    expect_peace();
}

TEST_F(shared_strangers, the_socket_is_for_its_owner_only) {
    struct stat file{};
    ASSERT_EQ(::stat(socket.c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777u, 0600u);
}

TEST_F(shared_strangers, a_second_broker_on_the_socket_is_told_of_the_first) {
    try {
        broker second(context.get_executor(), socket);
        FAIL() << "two brokers on one socket";
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::already_connected);
    }
    expect_peace();
}

TEST_F(shared_strangers, a_socket_that_was_left_behind_is_replaced) {
    owner.reset();
    run_until_idle();
    ASSERT_TRUE(std::filesystem::exists(socket));
    serve(settings());
    raw_program stranger(context, socket);
    stranger.send(shared::hello());
    EXPECT_NE(stranger.last<shared::hello>(), nullptr);
}

TEST_F(shared_strangers, a_lock_that_is_held_stops_nobody_from_going_on) {
    owner.reset();
    run_until_idle();
    const auto name = socket.string() + ".lock";
    const detail::descriptor held(::open(name.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
    try {
        broker second(context.get_executor(), socket);
        FAIL() << "two brokers on one socket";
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::already_connected);
    }
    ASSERT_EQ(::flock(held.get(), LOCK_UN), 0);
    serve(settings());
    raw_program stranger(context, socket);
    stranger.send(shared::hello());
    EXPECT_NE(stranger.last<shared::hello>(), nullptr);
}

TEST_F(shared_strangers, a_lock_of_another_user_is_not_trusted) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    owner.reset();
    run_until_idle();
    ASSERT_EQ(::chown((socket.string() + ".lock").c_str(), 65534, 65534), 0);
    EXPECT_THROW(broker(context.get_executor(), socket), error);
}

/// Nothing can be opened in its lifetime; what is open stays.
class no_descriptors {
 public:
    no_descriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;

 private:
    rlimit before_{};
};

TEST_F(shared_strangers, a_lack_of_descriptors_passes) {
    auto waiting = detail::connect_local(context.get_executor(), socket);
    {
        const no_descriptors now;
        run_until_idle();
        pass(1s);
        EXPECT_FALSE(served) << "the broker goes on";
    }
    pass(10s);
    expect_peace();
}

TEST_F(shared_strangers, a_file_that_is_no_socket_is_left_alone) {
    const auto file = folder.path() / "precious";
    write_file(file, "text");
    EXPECT_THROW(broker(context.get_executor(), file), error);
    EXPECT_EQ(read_file(file), "text");
}

TEST_F(shared_strangers, a_path_that_is_too_long_is_refused) {
    EXPECT_THROW(broker(context.get_executor(), folder.path() / std::string(120, 'x')), error);
}

/// Connects as `nobody` in a process of its own; 0 when the broker closes without a word.
int connect_as_nobody(const std::filesystem::path& socket, pid_t* child) {
    int ends[2];
    if (::pipe(ends) != 0) return -1;
    *child = ::fork();
    if (*child != 0) {
        ::close(ends[1]);
        return ends[0];
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int raw = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const bool there =
        ::setuid(65534) == 0 &&
        ::connect(raw, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    if (::write(ends[1], "c", 1) != 1 || !there) ::_exit(2);
    char byte = 0;
    ::_exit(::read(raw, &byte, 1) == 0 ? 0 : 1);
}

TEST_F(shared_strangers, another_user_is_not_let_in) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
    // Let it as far as the socket, which its mode would not.
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(socket.c_str(), 0666), 0);
    pid_t child = 0;
    const int pipe = connect_as_nobody(socket, &child);
    char byte = 0;
    ASSERT_EQ(::read(pipe, &byte, 1), 1);
    ::close(pipe);
    run_until_idle();
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0) << "it was closed without a word";
    expect_peace();
}

}  // namespace
}  // namespace xmpp::test
