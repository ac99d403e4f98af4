#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/clock.hpp>

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <random>

namespace xmpp::test {

/// What goes wrong on a link; all of it is drawn when the link is made.
struct link_faults {
    static constexpr std::size_t never = static_cast<std::size_t>(-1);

    std::size_t cut_after = never;    // so many bytes in both directions
    std::size_t stall_after = never;  // from there on nothing arrives, and the link stays
    std::size_t deaf_after = never;   // of what comes; what we send arrives
    std::size_t longest_piece = 64 * 1024;
    clock::duration longest_delay{};
    std::uint64_t seed = 0;

    static link_faults drawn_from(std::mt19937_64& random);
};

/// The client's end of a link with faults: pieces of any size, late, up to some byte.
std::unique_ptr<byte_stream> make_faulty_stream(asio::any_io_executor executor,
                                                std::shared_ptr<clock> time,
                                                std::unique_ptr<byte_stream> below,
                                                link_faults faults);

}  // namespace xmpp::test
