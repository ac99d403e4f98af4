// Two processes share one session with a real server, and one of them is killed.
#include <xmpp/xmpp.hpp>

#include "support/child_process.hpp"
#include "support/co_test.hpp"
#include "support/files.hpp"
#include "support/real_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class shared_processes : public real_server_test {
 protected:
    /// The program, with a file for its output and a pipe for its input.
    struct part {
        std::unique_ptr<child_process> process;
        std::filesystem::path output;
        std::ofstream input;
    };

    part start(const std::string& name, const std::string& broker = {}) {
        const auto pipe = folder.path() / (name + ".in");
        if (::mkfifo(pipe.c_str(), 0600) != 0) throw std::runtime_error("no pipe can be made");
        part made;
        made.output = folder.path() / (name + ".out");
        write_file(made.output, "");
        command program;
        program.arguments = {"sh",
                             "-c",
                             "input=$1; shift; exec \"$@\" <\"$input\"",
                             "sh",
                             pipe.string(),
                             XMPP_SHARED_PROGRAM,
                             "unix:" + socket(),
                             "juliet@" + server().domain(),
                             "s3cret",
                             name};
        if (!broker.empty()) program.arguments.push_back(broker);
        program.output = made.output;
        made.process = std::make_unique<child_process>(program);
        made.input.open(pipe);  // waits until the program has opened its end
        return made;
    }
    child_process start_broker() {
        command program;
        program.arguments = {XMPP_BROKER,
                             "--socket",
                             socket(),
                             "--service",
                             fmt::format("xmpp://{}:{}", server().domain(), server().c2s_port()),
                             "--connect-address",
                             server().address(),
                             "--ca",
                             server().ca_file().string(),
                             "--verbose"};
        program.output = folder.path() / "broker.out";
        return child_process(program);
    }
    std::string socket() const { return (folder.path() / "xmpp.sock").string(); }

    static bool wait_for(const std::function<bool()>& holds) {
        for (int i = 0; i < 400; ++i) {
            if (holds()) return true;
            std::this_thread::sleep_for(25ms);
        }
        return false;
    }
    static bool says(const part& who, const std::string& line) {
        return wait_for([&] {
            return ("\n" + read_file(who.output)).find("\n" + line + "\n") != std::string::npos;
        });
    }

    temporary_directory folder;
    asio::io_context context;
};

task<> collect(async_generator<stanza> messages, int count, std::vector<std::string>* into) {
    for (int i = 0; i < count; ++i) {
        const auto received = co_await messages.next();
        if (!received) throw error(errc::disconnected);
        into->emplace_back((*received)->child("body")->text());
    }
}

task<> send_numbers(connection& romeo, jid to, int first, int last) {
    for (int i = first; i <= last; ++i) {
        auto numbered = message(to).type("chat").body(fmt::to_string(i));
        numbered.c("no-store", "urn:xmpp:hints");
        co_await romeo.send(std::move(numbered));
    }
    co_await romeo.flush();
}

task<> ask_version(connection& romeo, jid whom, std::string* name) {
    auto request = iq::get(whom);
    request.c("query", ns::version);
    const auto reply = co_await romeo.send_iq(std::move(request));
    const auto* query = reply->child("query", ns::version);
    *name = query ? std::string(query->child("name")->text()) : std::string();
}

TEST_P(shared_processes, lose_nothing_and_answer_once_when_the_primary_is_killed) {
    server().add_user("juliet", "s3cret");
    server().add_user("romeo", "s3cret");
    auto broker = start_broker();
    ASSERT_TRUE(wait_for([&] { return std::filesystem::exists(socket()); }));
    auto first = start("first");
    ASSERT_TRUE(says(first, "primary")) << read_file(first.output);
    auto second = start("second");
    ASSERT_TRUE(says(second, "secondary")) << read_file(second.output);
    ASSERT_TRUE(says(second, "ATTACHED")) << read_file(second.output);

    const auto text = read_file(second.output);
    const auto at = text.find("user ") + 5;
    const jid juliet(text.substr(at, text.find('\n', at) - at));
    connection romeo(context.get_executor(),
                     fmt::format("xmpp://{}:{}", server().domain(), server().c2s_port()),
                     options().connect_address(server().address()).ca_file(server().ca_file()));
    run(context, romeo.login(credentials(jid("romeo@" + server().domain()), "s3cret")));
    run(context, romeo.send(presence()));
    auto answers = romeo.stanzas(match().name("message").type("chat"));

    std::string name;
    run(context, ask_version(romeo, juliet, &name));
    EXPECT_EQ(name, "first");
    run(context, send_numbers(romeo, juliet, 1, 500));
    first.process->kill();
    run(context, send_numbers(romeo, juliet, 501, 1000));
    run(context, ask_version(romeo, juliet, &name));
    EXPECT_EQ(name, "second");
    for (int i = 1; i <= 10; ++i) second.input << romeo.user().str() << " back " << i << std::endl;

    ASSERT_TRUE(says(second, "got 1000")) << read_file(second.output);
    EXPECT_TRUE(says(second, "primary"));
    std::string expected;
    for (int i = 1; i <= 1000; ++i) expected += fmt::format("got {}\n", i);
    std::string got;
    std::ifstream lines(second.output);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("got ")) got += line + "\n";
    }
    EXPECT_EQ(got, expected);
    std::vector<std::string> back;
    run(context, collect(std::move(answers), 10, &back));
    EXPECT_EQ(back.front(), "back 1");
    EXPECT_EQ(back.back(), "back 10");
    run(context, romeo.disconnect());
    EXPECT_EQ(broker.terminate(), 0) << read_file(folder.path() / "broker.out");
    EXPECT_TRUE(wait_for([&] {
        return read_file(second.output).find("DISCONNECTED disconnected") != std::string::npos;
    })) << read_file(second.output);
}

TEST_P(shared_processes, the_first_program_starts_the_broker) {
    // It is told nothing of the server, so that the login fails; what matters is who says so.
    auto first = start("first", XMPP_BROKER);
    EXPECT_TRUE(wait_for([&] {
        return read_file(first.output).find("CONNFAIL") != std::string::npos;
    })) << read_file(first.output);
    EXPECT_EQ(read_file(first.output).find("no broker listens"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(real, shared_processes, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
