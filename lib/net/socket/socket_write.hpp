#pragma once

#include <xmpp/task.hpp>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/redirect_error.hpp>
#include <asio/socket_base.hpp>
#include <asio/use_awaitable.hpp>

#include <memory>
#include <string_view>
#include <system_error>

namespace xmpp::detail {

/// Writes all bytes to a stream socket that does not block, and waits only where it would.
/// `Owner` shares the `socket`, its fail(doing, code) throws, and its `write_waits` says so
/// meanwhile.
template <class Owner>
task<> write_to_socket(std::shared_ptr<Owner> self, std::string_view bytes) {
    while (!bytes.empty()) {
        std::error_code failure;
        const auto size =
            self->socket.write_some(asio::buffer(bytes.data(), bytes.size()), failure);
        bytes.remove_prefix(size);
        if (failure == asio::error::would_block || failure == asio::error::try_again) {
            self->write_waits = true;
            co_await self->socket.async_wait(asio::socket_base::wait_write,
                                             asio::redirect_error(asio::use_awaitable, failure));
            self->write_waits = false;
        } else if (failure == asio::error::interrupted) {
            continue;
        }
        if (failure) self->fail("writing to", failure);
    }
}

}  // namespace xmpp::detail
