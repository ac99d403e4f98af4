// Programs that this process starts get none of the library's descriptors.
#include "base/event.hpp"
#include "net/dial/connector.hpp"
#include "net/socket/local_socket.hpp"
#include "net/socket/tcp_socket.hpp"
#include "support/co_test.hpp"
#include "support/descriptors.hpp"
#include "support/files.hpp"
#include "testing/server/listener.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <system_error>
#include <utility>

namespace xmpp::test {
namespace {

CO_TEST(close_on_exec, is_set_for_connections_over_tcp_and_those_accepted) {
    const auto before = inheritable_descriptors();
    const auto executor = context.get_executor();
    std::unique_ptr<byte_stream> theirs;
    std::unique_ptr<detail::tcp_stream> ours;
    detail::event accepted(executor);
    detail::event connected(executor);
    detail::serving::listener port(executor, [&](std::unique_ptr<byte_stream> stream) {
        theirs = std::move(stream);
        accepted.set();
    });
    const auto sockets = detail::make_socket_connector(executor);
    const auto attempt = sockets->connect(
        "127.0.0.1", port.port(), [&](std::error_code, std::unique_ptr<detail::tcp_stream> stream) {
            ours = std::move(stream);
            connected.set();
        });
    EXPECT_EQ(inheritable_descriptors(), before) << "from the beginning";
    co_await connected.wait();
    co_await accepted.wait();
    EXPECT_TRUE(ours);
    EXPECT_EQ(inheritable_descriptors(), before);
}

CO_TEST(close_on_exec, is_set_for_sockets_of_shared_sessions) {
    const auto before = inheritable_descriptors();
    const temporary_directory folder;
    const auto path = folder.path() / "socket";
    auto listening = detail::listen_local(path);
    EXPECT_TRUE(listening);
    if (!listening) co_return;
    detail::local_listener listener(context.get_executor(), std::move(*listening));
    const auto ours = detail::connect_local(context.get_executor(), path);
    EXPECT_TRUE(ours);
    const auto theirs = co_await listener.accept();
    EXPECT_TRUE(theirs);
    EXPECT_EQ(inheritable_descriptors(), before);
}

}  // namespace
}  // namespace xmpp::test
