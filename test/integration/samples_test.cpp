// The sample programs, as people run them, against real servers.
#include "support/child_process.hpp"
#include "support/files.hpp"
#include "support/real_server.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace xmpp::test {
namespace {

std::filesystem::path sample(const std::string& name) {
    return std::filesystem::path(XMPP_SAMPLES) / name / name;
}

class samples : public real_server_test {
 protected:
    void SetUp() override {
        real_server_test::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        // Both kinds of server keep the accounts of earlier tests.
        juliet = std::string("juliet-") +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name();
        std::replace(juliet.begin(), juliet.end(), '/', '-');
        romeo = "romeo" + juliet.substr(6);
        server().add_user(juliet, "s3cret");
        server().add_user(romeo, "s3cret");
    }

    std::string address(const std::string& name) const { return name + "@" + server().domain(); }
    std::string starttls() const {
        return fmt::format("xmpp://{}:{}", server().address(), server().c2s_port());
    }
    std::string direct_tls() const {
        return fmt::format("xmpps://{}:{}", server().address(), server().tls_port());
    }

    /// The chat program on a script: `lines` are what it is told to send.
    command chat(const std::string& from, const std::string& to, const std::string& service,
                 const std::string& lines, const std::string& count) const {
        const auto input = directory.path() / (from + ".in");
        write_file(input, lines);
        command program;
        program.arguments = {"sh",
                             "-c",
                             "input=$1; shift; exec \"$@\" <\"$input\"",
                             "sh",
                             input.string(),
                             sample("chat").string(),
                             address(from),
                             "--to",
                             address(to),
                             "--service",
                             service,
                             "--ca",
                             server().ca_file().string(),
                             "--count",
                             count,
                             "--linger",
                             count == "0" ? "0" : "20",
                             "--verbose"};
        program.environment = {"XMPP_PASSWORD=s3cret"};
        program.output = output_file(from);
        return program;
    }
    /// Made empty: a program that has only just been started has not opened it yet.
    std::filesystem::path output_file(const std::string& from) const {
        const auto path = directory.path() / (from + ".out");
        write_file(path, "");
        return path;
    }
    std::string output(const std::string& from) const {
        return read_file(directory.path() / (from + ".out"));
    }
    /// Waits for a line in what a program prints.
    bool wait_for(const std::string& from, const std::string& text) const {
        for (int i = 0; i < 200; ++i) {
            if (output(from).find(text) != std::string::npos) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return false;
    }

    void two_chat_over(const std::string& service) {
        child_process listener(chat(romeo, juliet, service, "", "1"));
        ASSERT_TRUE(wait_for(romeo, "CONNECTED")) << output(romeo);
        child_process speaker(chat(juliet, romeo, service, "Art thou there?\n", "0"));
        EXPECT_EQ(speaker.wait(), 0) << output(juliet);
        EXPECT_EQ(listener.wait(), 0) << output(romeo);
        EXPECT_NE(output(romeo).find("Art thou there?"), std::string::npos) << output(romeo);
        EXPECT_NE(output(romeo).find(address(juliet)), std::string::npos) << output(romeo);
    }

    temporary_directory directory;
    std::string juliet;
    std::string romeo;
};

TEST_P(samples, two_chats_talk_over_starttls) {
    two_chat_over(starttls());
}

TEST_P(samples, two_chats_talk_over_direct_tls) {
    two_chat_over(direct_tls());
}

#ifdef XMPP_HAS_WEB_SERVICES
TEST_P(samples, two_chats_talk_over_websocket) {
    two_chat_over(fmt::format("wss://{}:{}{}", server().address(), server().https_port(),
                              server().websocket_path()));
}

TEST_P(samples, two_chats_talk_over_http) {
    two_chat_over(fmt::format("https://{}:{}{}", server().address(), server().https_port(),
                              server().bosh_path()));
}
#endif

TEST_P(samples, chat_tells_a_wrong_password_by_its_exit_code) {
    auto program = chat(juliet, romeo, starttls(), "hi\n", "0");
    program.environment = {"XMPP_PASSWORD=wrong"};
    child_process refused(program);
    EXPECT_EQ(refused.wait(), 2) << output(juliet);
    EXPECT_EQ(output(juliet).find("wrong\n"), std::string::npos) << "the password is nowhere";
}

TEST_P(samples, the_first_program_is_answered_by_the_echo_bot) {
    command bot;
    bot.arguments = {sample("echo_bot").string(), address(romeo)};
    bot.environment = {"XMPP_PASSWORD=s3cret", "XMPP_SERVICE=" + starttls(),
                       "XMPP_CA_FILE=" + server().ca_file().string()};
    bot.output = output_file(romeo);
    child_process service(bot);
    ASSERT_TRUE(wait_for(romeo, "at your service")) << output(romeo);

    command first;
    first.arguments = {sample("first").string(), address(juliet), "s3cret",
                       address(romeo),           starttls(),      server().ca_file().string()};
    const auto printed = run_program(first);
    EXPECT_NE(printed.find("Art thou there?"), std::string::npos) << printed;
    EXPECT_EQ(service.terminate(), 0) << output(romeo);
}

std::string played_over(const std::string& transport) {
    command program;
    program.arguments = {sample("demo").string(), "--play", "--transport", transport};
    return run_program(program);
}

TEST(demo, is_played_over_tcp) {
    const auto printed = played_over("tcp");
    EXPECT_NE(printed.find("over TCP: xmpp://"), std::string::npos) << printed;
    EXPECT_NE(printed.find("All went well."), std::string::npos) << printed;
}

#ifdef XMPP_HAS_WEB_SERVICES
TEST(demo, is_played_over_websocket) {
    const auto printed = played_over("ws");
    EXPECT_NE(printed.find("over WebSocket: wss://"), std::string::npos) << printed;
    EXPECT_NE(printed.find("All went well."), std::string::npos) << printed;
}

TEST(demo, is_played_over_http) {
    const auto printed = played_over("bosh");
    EXPECT_NE(printed.find("over HTTP (BOSH): https://"), std::string::npos) << printed;
    EXPECT_NE(printed.find("All went well."), std::string::npos) << printed;
}
#endif

TEST(demo, is_played_over_a_shared_session) {
    const auto printed = played_over("shared");
    EXPECT_NE(printed.find("programs share: unix:/"), std::string::npos) << printed;
    EXPECT_NE(printed.find("diary  ATTACHED"), std::string::npos) << printed;
    EXPECT_NE(printed.find("diary  said \"O Romeo"), std::string::npos) << printed;
    EXPECT_NE(printed.find("diary  heard \"Shall I"), std::string::npos) << printed;
    EXPECT_NE(printed.find("All went well."), std::string::npos) << printed;
}

TEST(demo, explains_itself_where_it_does_not_understand) {
    command program;
    program.arguments = {sample("demo").string(), "--transport", "pigeon"};
    std::string printed;
    try {
        run_program(program);
        ADD_FAILURE() << "it was understood";
    } catch (const std::runtime_error& failed) {
        printed = failed.what();
    }
    EXPECT_NE(printed.find("usage: demo"), std::string::npos) << printed;
}

INSTANTIATE_TEST_SUITE_P(real, samples, all_servers(), server_name);

}  // namespace
}  // namespace xmpp::test
