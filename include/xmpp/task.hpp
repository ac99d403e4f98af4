#pragma once

#include <asio/awaitable.hpp>

namespace xmpp {

/// A coroutine that runs on the awaiting coroutine's executor and honours its cancellation.
/// Lazy: nothing happens before it is awaited (or handed to `asio::co_spawn`).
template <class T = void>
using task = asio::awaitable<T>;

}  // namespace xmpp
