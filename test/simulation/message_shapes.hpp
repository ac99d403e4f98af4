#pragma once

#include <xmpp/builder.hpp>

#include <cstddef>
#include <random>

namespace xmpp::test {

/// The largest stanza that the simulated server takes where it announces a limit (XEP-0478).
inline constexpr std::size_t announced_bytes = 10'000;

/// A message with a number, of any shape that can be sent: most are small; the others are below, at
/// and above a limit for what comes from strangers, or what the server announces, or are markup
/// that no builder writes.
builder draw_message(int number, std::mt19937_64& random);

}  // namespace xmpp::test
