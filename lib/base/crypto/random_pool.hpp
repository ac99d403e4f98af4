#pragma once

#include <span>

namespace xmpp::detail {

/// As random_bytes(), for a few bytes at a time and often: every thread draws from OpenSSL in bulk,
/// and a forked process draws anew. No byte is given out twice.
/// \throws xmpp::error(std::errc::io_error) when the generator can't be seeded.
void pooled_random_bytes(std::span<unsigned char> out);

}  // namespace xmpp::detail
