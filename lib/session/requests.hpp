#pragma once

#include <xmpp/error.hpp>
#include <xmpp/stanza.hpp>

#include "dispatch/reply_table.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>

namespace xmpp::detail {

/// The requests of a session that wait for an answer, the program's and those of others.
class requests {
 public:
    /// A new stream has begun: what was asked over the one before gets no answer over this one.
    void begin_stream() {
        ++stream_;
        replies_.fail_all(std::make_exception_ptr(
            error(errc::disconnected, "the link was lost, and the session could not be resumed")));
    }
    /// Which stream a request has come over.
    std::uint64_t stream() const noexcept { return stream_; }

    bool accept(const stanza& reply, const jid& own) { return replies_.accept(reply, own); }
    void fail_all(const std::exception_ptr& reason) { replies_.fail_all(reason); }
    bool awaited() const noexcept { return !replies_.empty(); }
    std::size_t size() const noexcept { return replies_.size(); }
    reply_table& replies() noexcept { return replies_; }

 private:
    reply_table replies_;
    std::uint64_t stream_ = 0;
};

}  // namespace xmpp::detail
