#include "transport/shared/shared_link.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/secret.hpp"
#include "base/spawn.hpp"

#include <utility>

namespace xmpp::detail {

shared_link::shared_link(asio::any_io_executor executor, std::unique_ptr<byte_stream> bytes,
                         std::size_t most_message_bytes)
    : executor_(std::move(executor)),
      bytes_(std::move(bytes)),
      frames_(most_message_bytes),
      idle_(executor_) {
    idle_.set();
}

task<std::optional<shared::message>> shared_link::read() {
    return read(shared_from_this());
}

task<std::optional<shared::message>> shared_link::read(std::shared_ptr<shared_link> self) {
    for (;;) {
        auto complete = self->frames_.next();
        if (complete) co_return complete;
        const auto received = co_await self->bytes_->read();
        if (received.empty() && self->frames_.within()) {
            throw error(errc::bad_format, "half a message came over the socket, and no more");
        }
        if (received.empty()) co_return std::nullopt;
        self->frames_.feed(received);
    }
}

void shared_link::post(std::string encoded) {
    if (finishing_ || failure_) return;
    // Moved where possible: a secret lies in one place.
    if (waiting_.empty()) {
        waiting_ = std::move(encoded);
    } else {
        waiting_ += encoded;
    }
    start_writing();
}

void shared_link::start_writing() {
    if (!idle_.is_set()) return;
    idle_.reset();
    spawn(executor_, write(shared_from_this()),
          [self = shared_from_this()](const std::exception_ptr& failure) {
              if (!failure) return;
              // The other end has closed: the reader gets what it said before, and then the end.
              self->failure_ = failure;
              self->waiting_.clear();
              self->idle_.set();
          });
}

task<> shared_link::write(std::shared_ptr<shared_link> self) {
    while (!self->waiting_.empty()) {
        std::swap(self->waiting_, self->writing_);
        co_await self->bytes_->write(self->writing_);
        wipe(self->writing_);
        if (self->writing_.capacity() > shared::kept_link_capacity) self->writing_.shrink_to_fit();
    }
    if (self->finishing_) co_await self->bytes_->close();
    // Here, as what is posted from now on needs another run.
    self->idle_.set();
}

task<> shared_link::drained() {
    return drained(shared_from_this());
}

task<> shared_link::drained(std::shared_ptr<shared_link> self) {
    while (!self->idle_.is_set()) co_await self->idle_.wait();
    if (self->failure_) std::rethrow_exception(self->failure_);
}

void shared_link::finish() {
    if (finishing_) return;
    finishing_ = true;
    start_writing();
}

void shared_link::abort() noexcept {
    bytes_->abort();
}

}  // namespace xmpp::detail
