#pragma once

#include <cstddef>
#include <span>

namespace xmpp::detail {

/// Room that all streams of a thread read into, so that a session that waits holds none. What is
/// in it lasts until the coroutine suspends. Ask again after every suspension: the coroutine may
/// continue on another thread.
std::span<char> received_bytes_buffer();

/// The same for what TLS has decrypted. Larger than received_bytes_buffer() by more than a record:
/// one filled receive buffer, and the rest of a record that came before it, always fit.
std::span<char> decrypted_bytes_buffer();

inline constexpr std::size_t received_bytes_size = 64 * 1024;
inline constexpr std::size_t decrypted_bytes_size = received_bytes_size + 20 * 1024;

}  // namespace xmpp::detail
