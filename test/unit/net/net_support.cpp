#include "net_support.hpp"

#include <xmpp/error.hpp>

#include "base/spawn.hpp"
#include "net/socket/tcp_socket.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

namespace xmpp::test {

side_by_side::side_by_side(const asio::any_io_executor& executor)
    : executor_(executor), all_done_(executor) {}

void side_by_side::start(task<> work) {
    ++running_;
    detail::spawn(executor_, std::move(work), [this](std::exception_ptr failure) {
        if (failure && !failure_) failure_ = failure;
        if (--running_ == 0) all_done_.set();
    });
}

task<> side_by_side::wait() {
    co_await all_done_.wait();
    if (failure_) std::rethrow_exception(failure_);
}

void run_what_can(asio::io_context& context) {
    context.restart();
    context.poll();
}

std::error_code code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const std::system_error& thrown) {
        return thrown.code();
    }
    return {};
}

std::error_code code_of(const std::exception_ptr& failure) {
    return code_of([&] {
        if (failure) std::rethrow_exception(failure);
    });
}

std::string explanation_of(const std::exception_ptr& failure) {
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (const error& thrown) {
        return std::string(thrown.explanation());
    }
    return {};
}

task<std::exception_ptr> failure_of(task<> work) {
    std::exception_ptr failure;
    try {
        co_await std::move(work);
    } catch (...) {
        failure = std::current_exception();
    }
    co_return failure;
}

task<> ignore_result(task<std::string_view> work) {
    co_await std::move(work);
}

task<std::string> read_all(byte_stream& stream) {
    std::string all;
    for (;;) {
        auto bytes = co_await stream.read();
        if (bytes.empty()) co_return all;
        all += bytes;
    }
}

task<std::string> read_bytes(byte_stream& stream, std::size_t size) {
    std::string all;
    while (all.size() < size) {
        auto bytes = co_await stream.read();
        if (bytes.empty()) break;
        all += bytes;
    }
    co_return all;
}

task<> send_and_close(byte_stream& stream, std::string bytes) {
    co_await stream.write(bytes);
    co_await stream.close();
}

task<> receive(byte_stream& stream, const std::string& expected) {
    const auto all = co_await read_all(stream);
    EXPECT_EQ(all.size(), expected.size());
    EXPECT_TRUE(all == expected);
}

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (auto& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

std::uint32_t lowest(std::uint32_t) {
    return 0;
}

std::pair<std::unique_ptr<detail::tcp_stream>, std::unique_ptr<detail::tcp_stream>> tcp_pair(
    const asio::any_io_executor& executor) {
    using asio::ip::tcp;
    tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    tcp::socket client(executor);
    client.connect(acceptor.local_endpoint());
    auto server = acceptor.accept();
    return {detail::make_tcp_stream(std::move(client)), detail::make_tcp_stream(std::move(server))};
}

std::shared_ptr<const detail::tls_hook> hook(std::function<void(SSL_CTX*)> action) {
    return std::make_shared<const detail::tls_hook>(std::move(action));
}

const testing::test_authority& the_authority() {
    static const testing::test_authority authority;
    return authority;
}

const testing::certificate& the_certificate() {
    static const auto certificate =
        the_authority().issue(testing::certificate_request::for_server("example.org"));
    return certificate;
}

detail::tls_settings client_settings() {
    return detail::tls_settings().ca_pem(the_authority().ca_pem());
}

detail::tls_settings server_settings() {
    return detail::tls_settings(detail::tls_role::server)
        .certificate_pem(the_certificate().chain_pem(), the_certificate().key_pem());
}

detail::tls_settings server_settings(const identity& shown) {
    // In the hook, because only there the security level can be lowered first.
    auto load = [shown](SSL_CTX* context) {
        SSL_CTX_set_security_level(context, 0);
        const detail::bio_ptr source(
            BIO_new_mem_buf(shown.chain.data(), static_cast<int>(shown.chain.size())));
        const detail::x509_ptr leaf(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
        EXPECT_EQ(SSL_CTX_use_certificate(context, leaf.get()), 1);
        while (auto* issuer = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)) {
            EXPECT_EQ(SSL_CTX_add0_chain_cert(context, issuer), 1);
        }
        const detail::bio_ptr key_source(
            BIO_new_mem_buf(shown.key.data(), static_cast<int>(shown.key.size())));
        const detail::pkey_ptr key(
            PEM_read_bio_PrivateKey(key_source.get(), nullptr, nullptr, nullptr));
        EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key.get()), 1);
    };
    return detail::tls_settings(detail::tls_role::server).configure(hook(std::move(load)));
}

engine_pair::engine_pair(const detail::tls_settings& client_side,
                         const detail::tls_settings& server_side, const std::string& name)
    : client(detail::shared_tls_context(client_side), name),
      server(detail::shared_tls_context(server_side)) {}

void engine_pair::handshake() {
    const auto step = [](detail::tls_engine& engine, const std::string& input, bool& done,
                         std::exception_ptr& failure) {
        if (done || failure) return;
        try {
            done = engine.handshake(input);
        } catch (...) {
            failure = std::current_exception();
        }
    };
    std::string to_client, to_server;
    for (int round = 0; round < 10; ++round) {
        step(client, to_client, client_done, client_failure);
        to_server = client.take_output();
        step(server, to_server, server_done, server_failure);
        to_client = server.take_output();
        if (to_client.empty()) break;
    }
}

stream_pair::stream_pair(
    const asio::any_io_executor& executor,
    std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> lower,
    const detail::tls_settings& client_side, const detail::tls_settings& server_side)
    : client(std::make_unique<detail::tls_stream>(executor, std::move(lower.first),
                                                  detail::shared_tls_context(client_side),
                                                  "example.org")),
      server(std::make_unique<detail::tls_stream>(executor, std::move(lower.second),
                                                  detail::shared_tls_context(server_side))),
      executor_(executor) {}

task<> stream_pair::handshake() {
    side_by_side both(executor_);
    both.start(client->handshake());
    both.start(server->handshake());
    co_await both.wait();
}

}  // namespace xmpp::test
