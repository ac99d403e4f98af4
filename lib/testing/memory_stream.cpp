#include <xmpp/testing/memory_stream.hpp>

#include "base/event.hpp"

#include <asio/error.hpp>

#include <algorithm>
#include <string>
#include <system_error>

namespace xmpp::testing {
namespace {

[[noreturn]] void fail(const std::error_code& code) {
    throw std::system_error(code);
}

/// One direction.
class pipe {
 public:
    pipe(const asio::any_io_executor& executor, const memory_stream_options& options)
        : options_(options), changed_for_reader_(executor), changed_for_writer_(executor) {}

    static task<std::string_view> read(std::shared_ptr<pipe> self) {
        self->handed_out_ = std::string();
        for (;;) {
            if (self->reader_failure_) fail(self->reader_failure_);
            if (!self->bytes_.empty()) break;
            if (self->ended_) co_return std::string_view();
            self->changed_for_reader_.reset();
            co_await self->changed_for_reader_.wait();
        }
        const auto size = std::min(self->bytes_.size(), self->options_.max_read());
        self->handed_out_ = self->bytes_.substr(0, size);
        self->bytes_.erase(0, size);
        self->changed_for_writer_.set();
        co_return self->handed_out_;
    }

    static task<> write(std::shared_ptr<pipe> self, std::string_view bytes) {
        for (;;) {
            if (self->writer_failure_) fail(self->writer_failure_);
            if (bytes.empty()) co_return;
            if (self->ended_) fail(asio::error::broken_pipe);
            const auto size =
                std::min(bytes.size(), self->options_.capacity() - self->bytes_.size());
            if (size > 0) {
                self->bytes_.append(bytes.substr(0, size));
                bytes.remove_prefix(size);
                self->changed_for_reader_.set();
            } else {
                self->changed_for_writer_.reset();
                co_await self->changed_for_writer_.wait();
            }
        }
    }

    void end() {
        ended_ = true;
        changed_for_reader_.set();
    }
    bool ended() const noexcept { return ended_; }

    /// The first failure of a side stays.
    void fail_reader(std::error_code code) {
        if (!reader_failure_) reader_failure_ = code;
        changed_for_reader_.set();
    }
    void fail_writer(std::error_code code) {
        if (!writer_failure_) writer_failure_ = code;
        changed_for_writer_.set();
    }

 private:
    memory_stream_options options_;
    detail::event changed_for_reader_;
    detail::event changed_for_writer_;
    std::string bytes_;
    std::string handed_out_;
    std::error_code reader_failure_;
    std::error_code writer_failure_;
    bool ended_ = false;
};

class memory_stream final : public byte_stream {
 public:
    memory_stream(std::shared_ptr<pipe> in, std::shared_ptr<pipe> out)
        : in_(std::move(in)), out_(std::move(out)) {}

    ~memory_stream() override {
        if (out_->ended()) {
            leave(asio::error::broken_pipe);
        } else {
            abort();
        }
    }

    task<std::string_view> read() override { return pipe::read(in_); }
    task<> write(std::string_view bytes) override { return pipe::write(out_, bytes); }
    task<> close() override { return close_pipe(out_); }

    void abort() noexcept override {
        leave(asio::error::connection_reset);
        out_->fail_reader(asio::error::connection_reset);
    }

 private:
    static task<> close_pipe(std::shared_ptr<pipe> out) {
        out->end();
        co_return;
    }

    /// Ends our own operations, and tells the other end's writer that nobody reads.
    void leave(std::error_code for_the_writer) {
        in_->fail_reader(asio::error::operation_aborted);
        out_->fail_writer(asio::error::operation_aborted);
        in_->fail_writer(for_the_writer);
    }

    std::shared_ptr<pipe> in_;
    std::shared_ptr<pipe> out_;
};

}  // namespace

memory_stream_options& memory_stream_options::capacity(std::size_t bytes) {
    capacity_ = std::max<std::size_t>(bytes, 1);
    return *this;
}

memory_stream_options& memory_stream_options::max_read(std::size_t bytes) {
    max_read_ = std::max<std::size_t>(bytes, 1);
    return *this;
}

std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> memory_stream_pair(
    const asio::any_io_executor& executor, const memory_stream_options& options) {
    const auto there = std::make_shared<pipe>(executor, options);
    const auto back = std::make_shared<pipe>(executor, options);
    return {std::make_unique<memory_stream>(back, there),
            std::make_unique<memory_stream>(there, back)};
}

std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> memory_stream_pair(
    const asio::any_io_executor& executor, std::size_t capacity) {
    return memory_stream_pair(executor, memory_stream_options().capacity(capacity));
}

}  // namespace xmpp::testing
