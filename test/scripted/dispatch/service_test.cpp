// How a service is named: relative ones, another one, and transports of the program's own.
#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

#include <deque>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class services : public session_test {};

TEST_F(services, relative_ones_need_a_base_before_any_status) {
    configure(settings(), "/ws");
    try {
        run_session();
        FAIL() << "it throws";
    } catch (const error& refused) {
        EXPECT_EQ(refused.code(), errc::invalid_service);
        EXPECT_NE(refused.explanation().find("base_url"), std::string_view::npos);
    }
    EXPECT_EQ(path(), "");
}

TEST_F(services, another_one_is_for_the_next_session) {
    peer.accept_login(juliet);
    start();
    std::error_code code;
    try {
        conn->set_service("xmpp://other.example.org");
    } catch (const error& refused) {
        code = refused.code();
    }
    EXPECT_EQ(code, errc::already_connected);
    peer.cut();
    run_until_idle();
    try {
        conn->set_service("nonsense://x");
    } catch (const error& refused) {
        code = refused.code();
    }
    EXPECT_EQ(code, errc::invalid_service);
    EXPECT_EQ(conn->service(), default_service()) << "nothing has changed";
    const auto other =
        over_websocket() ? "ws://other.example.org:5299/ws" : "xmpp://other.example.org:5299";
    conn->set_service(other);
    EXPECT_EQ(conn->service(), other);
    steps.clear();
    peer.next_connection("other.example.org", 5299).accept_login(juliet);
    start();
    EXPECT_EQ(path(), up);
}

TEST_F(services, a_dialer_that_opens_nothing_is_a_connfail) {
    configure(
        settings().dialer([](std::string, std::uint16_t) -> task<std::unique_ptr<byte_stream>> {
            co_return nullptr;
        }));
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(callback-failed) DISCONNECTED(callback-failed)");
    EXPECT_NE(steps.back().text.find("dialer"), std::string::npos);
}

/// Two ends of a channel in memory.
struct channel_ends {
    explicit channel_ends(const asio::any_io_executor& executor) : changed(executor) {}

    detail::event changed;
    std::deque<std::string> to_client;
    std::deque<std::string> to_server;
    bool client_closed = false;
    bool server_closed = false;
    bool aborted = false;
    bool takes_nothing = false;
};

class memory_channel final : public message_channel {
 public:
    memory_channel(std::shared_ptr<channel_ends> ends, bool secure)
        : ends_(std::move(ends)), secure_(secure) {}
    ~memory_channel() override { memory_channel::abort(); }

    task<std::optional<std::string>> receive() override {
        const auto ends = ends_;
        while (ends->to_client.empty() && !ends->server_closed && !ends->aborted) {
            co_await ends->changed.wait();
        }
        if (ends->aborted) throw error(errc::connection_lost, "aborted");
        std::optional<std::string> message;
        if (!ends->to_client.empty()) {
            message = std::move(ends->to_client.front());
            ends->to_client.pop_front();
        }
        co_return message;
    }
    task<> send(std::string message) override {
        const auto ends = ends_;
        while (ends->takes_nothing && !ends->aborted) co_await ends->changed.wait();
        if (ends->aborted) throw error(errc::connection_lost, "aborted");
        ends->to_server.push_back(std::move(message));
        ends->changed.pulse();
    }
    task<> close() override {
        ends_->client_closed = true;
        ends_->changed.pulse();
        co_return;
    }
    void abort() noexcept override {
        ends_->aborted = true;
        ends_->changed.pulse();
    }
    bool secure() const noexcept override { return secure_; }

 private:
    std::shared_ptr<channel_ends> ends_;
    bool secure_;
};

/// The next message of the client; empty when it has gone.
task<std::string> hear(channel_ends& ends) {
    while (ends.to_server.empty() && !ends.aborted) co_await ends.changed.wait();
    std::string message;
    if (!ends.to_server.empty()) {
        message = std::move(ends.to_server.front());
        ends.to_server.pop_front();
    }
    co_return message;
}

void say(channel_ends& ends, std::string message) {
    ends.to_client.push_back(std::move(message));
    ends.changed.pulse();
}

std::string features(std::string_view content) {
    return fmt::format(
        "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>{}"
        "</stream:features>",
        content);
}

constexpr const char* server_open =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='example.org' id='s' version='1.0'/>";

/// A server that lets the client in, and answers its farewell.
task<> serve(std::shared_ptr<channel_ends> ends, std::vector<std::string>* heard) {
    for (;;) {
        auto message = co_await hear(*ends);
        if (message.empty()) co_return;
        heard->push_back(message);
        if (message.starts_with("<open")) {
            const bool again = heard->size() > 1;
            say(*ends, server_open);
            say(*ends, features(again ? bind_feature : plain_features));
        } else if (message.starts_with("<auth")) {
            say(*ends, success);
        } else if (message.starts_with("<iq")) {
            const auto id = message.substr(message.find(" id='") + 5);
            say(*ends, fmt::format("<iq xmlns='jabber:client' type='result' id='{}'>"
                                   "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                                   "<jid>juliet@example.org/balcony</jid></bind></iq>",
                                   id.substr(0, id.find('\''))));
        } else if (message.starts_with("<close")) {
            say(*ends, "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
            ends->server_closed = true;
            ends->changed.pulse();
        }
    }
}

class own_transport : public session_test {
 protected:
    ~own_transport() override { serving.cancel(); }

    transport_function opener(bool secure = true) {
        return [this, secure](std::string service) { return open(std::move(service), secure); };
    }
    task<std::unique_ptr<message_channel>> open(std::string service, bool secure) {
        opened = std::move(service);
        ends = std::make_shared<channel_ends>(context.get_executor());
        serving.start(context.get_executor(), serve(ends, &heard),
                      [](const std::exception_ptr&) {});
        std::unique_ptr<message_channel> channel = std::make_unique<memory_channel>(ends, secure);
        co_return channel;
    }
    options with_transport(bool secure = true) {
        return settings().tls(tls_mode::required).register_transport("mem+x", opener(secure));
    }

    std::string opened;
    std::shared_ptr<channel_ends> ends;
    std::vector<std::string> heard;
    detail::job serving;
};

TEST_F(own_transport, carries_a_whole_session) {
    configure(with_transport(), "mem+x:anything?goes");
    std::string seen;
    conn->add_handler(match().name("message"), [&seen](const stanza& received) {
        seen += received->child("body")->text();
        return true;
    });
    start();
    EXPECT_EQ(path(), up);
    EXPECT_EQ(opened, "mem+x:anything?goes");
    EXPECT_EQ(conn->service(), "mem+x:anything?goes");
    EXPECT_TRUE(conn->secure());
    run(conn->send(message("a@b").body("out")));
    run_until_idle();
    EXPECT_EQ(heard.back(), "<message xmlns='jabber:client' to='a@b'><body>out</body></message>");
    say(*ends, "<message xmlns='jabber:client' from='a@b'><body>in</body></message>");
    run_until_idle();
    EXPECT_EQ(seen, "in");
    run(conn->disconnect());
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING DISCONNECTED", up));
    EXPECT_TRUE(ends->client_closed) << "in good order";
}

TEST_F(own_transport, is_refused_where_TLS_is_required_and_it_is_not_secure) {
    configure(with_transport(false), "mem+x://h");
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(tls-unavailable) DISCONNECTED(tls-unavailable)");
}

TEST_F(own_transport, that_ends_is_a_lost_connection) {
    configure(with_transport(), "mem+x://h");
    start();
    ends->server_closed = true;
    ends->changed.pulse();
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTED(connection-lost)", up));
}

TEST_F(own_transport, closes_the_stream_over_a_message_that_is_broken_or_too_big) {
    for (const auto& [text, condition] :
         {std::pair{std::string("<message></x>"), "not-well-formed"},
          std::pair{std::string(2000, ' ') + "<message/>", "policy-violation"}}) {
        configure(with_transport().max_stanza_bytes(1000), "mem+x://h");
        steps.clear();
        heard.clear();
        start();
        say(*ends, text);
        run_until_idle();
        EXPECT_EQ(path(), fmt::format("{0} ERROR({1}) DISCONNECTED({1})", up, condition));
        EXPECT_NE(heard.at(heard.size() - 2).find(condition), std::string::npos);
    }
}

TEST_F(own_transport, that_takes_nothing_ends_by_the_clock) {
    configure(with_transport().write_timeout(5s), "mem+x://h");
    start();
    ends->takes_nothing = true;
    conn->enqueue(presence());
    pass(4s);
    EXPECT_EQ(path(), up);
    pass(2s);
    EXPECT_EQ(path(), fmt::format("{} CONNTIMEOUT(write-timeout) DISCONNECTED(write-timeout)", up));
}

TEST_F(own_transport, that_throws_or_opens_nothing_is_a_connfail) {
    const auto throws = [](std::string) -> task<std::unique_ptr<message_channel>> {
        throw std::runtime_error("no way");
        co_return nullptr;
    };
    const auto opens_nothing = [](std::string) -> task<std::unique_ptr<message_channel>> {
        co_return nullptr;
    };
    configure(settings().register_transport("mem", throws).register_transport("nil", opens_nothing),
              "mem://h");
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(callback-failed) DISCONNECTED(callback-failed)");
    EXPECT_NE(steps.back().text.find("no way"), std::string::npos);
    steps.clear();
    conn->set_service("nil://h");
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(callback-failed) DISCONNECTED(callback-failed)");
}

TEST(register_transport, refuses_schemes_of_the_SDK_and_what_is_none) {
    const auto opens_nothing = [](std::string) -> task<std::unique_ptr<message_channel>> {
        co_return nullptr;
    };
    for (const char* scheme :
         {"ws", "wss", "http", "https", "xmpp", "xmpps", "", "Mem", "1x", "a:b"}) {
        EXPECT_THROW(options().register_transport(scheme, opens_nothing), error) << scheme;
    }
    EXPECT_THROW(options().register_transport("mem", nullptr), error);
    EXPECT_NO_THROW(options().register_transport("a+1.x-y", opens_nothing));
}

}  // namespace
}  // namespace xmpp::test
