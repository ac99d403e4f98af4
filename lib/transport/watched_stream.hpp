#pragma once

#include <xmpp/byte_stream.hpp>

#include "transport/transport.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace xmpp::detail {

/// The most that a transport writes at once: small enough for the slowest link to take in
/// options::write_timeout; one record of TLS.
inline constexpr std::size_t most_per_write = 16 * 1024;

/// A stream whose writes leave in pieces, each framed by write_started() and write_finished(): for
/// a transport with a layer of its own between itself and the bytes.
class watched_stream final : public byte_stream {
 public:
    /// `observer` is not called after abort(), and must live until then or until nothing is
    /// written any more.
    watched_stream(std::unique_ptr<byte_stream> lower, wire_observer& observer)
        : lower_(std::move(lower)), observer_(observer) {}

    task<std::string_view> read() override { return lower_->read(); }
    task<> write(std::string_view bytes) override;
    task<> close() override { return lower_->close(); }
    void abort() noexcept override;

 private:
    std::unique_ptr<byte_stream> lower_;
    wire_observer& observer_;
    bool aborted_ = false;
};

}  // namespace xmpp::detail
