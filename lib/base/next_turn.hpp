#pragma once

#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

namespace xmpp::detail {

/// Lets everything else have its turn that `executor` has ready.
task<> next_turn(asio::any_io_executor executor);

}  // namespace xmpp::detail
