#pragma once

#include <xmpp/testing/scripted_peer.hpp>
#include <xmpp/testing/virtual_clock.hpp>
#include <xmpp/xmpp.hpp>

#include "net/socket/local_socket.hpp"
#include "support/files.hpp"
#include "transport/shared/shared_protocol.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace xmpp::test {

/// For work in the background that may end as it likes.
inline void ignore(const std::exception_ptr&) {}

/// Runs the context until nothing is ready, sockets included.
void settle(asio::io_context& context);

/// A program that shares a session, and what it sees.
struct program {
    program(asio::io_context& context, std::string service, options settings);
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    void connect(credentials who = credentials("juliet@example.org/balcony", "secret"));
    void attach();
    std::string path() const;

    asio::io_context& context;
    std::optional<connection> conn;
    std::vector<status> steps;
    std::vector<session_role> roles;
    std::vector<std::string> received;  // bodies of messages
    std::vector<std::string> foreign;   // names of what others have sent, and bodies
};

/// A program's end of the socket, by hand. It reads all that comes, unless told otherwise.
class raw_program {
 public:
    raw_program(asio::io_context& context, const std::filesystem::path& socket, bool reads = true);
    raw_program(const raw_program&) = delete;
    raw_program& operator=(const raw_program&) = delete;
    ~raw_program() { hang_up(); }

    void send(const detail::shared::message& what) { send_bytes(detail::shared::encode(what)); }
    void send_bytes(std::string bytes);
    void hang_up();
    void begin_to_read();
    /// Says hello and wants to attach, or to connect.
    void attach();
    void connect(const credentials& who);

    /// The last message of that kind; null when there was none.
    template <class Message>
    const Message* last() const {
        for (auto each = in_->received.rbegin(); each != in_->received.rend(); ++each) {
            if (const auto* found = std::get_if<Message>(&*each)) return found;
        }
        return nullptr;
    }
    template <class Message>
    std::size_t count() const {
        std::size_t found = 0;
        for (const auto& each : in_->received) found += std::holds_alternative<Message>(each);
        return found;
    }
    /// The broker has closed.
    bool over() const { return in_->over; }

 private:
    struct inbox {
        std::vector<detail::shared::message> received;
        bool over = false;
    };
    static task<> read(std::shared_ptr<byte_stream> bytes, std::shared_ptr<inbox> in);

    asio::io_context& context_;
    std::shared_ptr<byte_stream> bytes_;
    std::shared_ptr<inbox> in_ = std::make_shared<inbox>();
};

/// A broker on a socket in a folder of its own, a scripted server for its connection, and programs,
/// all on virtual time.
class shared_test : public ::testing::Test {
 protected:
    shared_test();
    void TearDown() override;

    /// Starts the broker anew.
    void serve(broker_options changed);
    broker_options settings() const;
    /// The options of its connection. Nobody asks the server for signs of life.
    options base() const;
    options client_options() const;
    std::string service() const { return "unix:" + socket.string(); }
    /// One more program, which does nothing yet.
    program& add();
    /// Lets the first and a second program share a session.
    void share();

    void run_until_idle() { settle(context); }
    void pass(clock::duration period);

    temporary_directory folder;
    std::filesystem::path socket = folder.path() / "xmpp.sock";
    asio::io_context context;
    std::shared_ptr<testing::virtual_clock> time = std::make_shared<testing::virtual_clock>();
    testing::scripted_peer peer{context.get_executor()};
    std::vector<std::unique_ptr<program>> programs;
    std::optional<broker> owner;
    bool served = false;  // broker::run() has returned
};

}  // namespace xmpp::test
