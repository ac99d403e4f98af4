#pragma once

#include <xmpp/task.hpp>

#include <asio/error.hpp>

#include <system_error>
#include <utility>

namespace xmpp::detail {

/// Writes, for a caller that reads next. A link that breaks meanwhile is not the caller's failure
/// yet: what the peer sent before the break can still be read, and may say why it closed. Reading
/// fails when nothing is left. Cancellation is passed on.
inline task<> attempt_write(task<> writing) {
    try {
        co_await std::move(writing);
    } catch (const std::system_error& failure) {
        if (failure.code() == asio::error::operation_aborted) throw;
    }
}

}  // namespace xmpp::detail
