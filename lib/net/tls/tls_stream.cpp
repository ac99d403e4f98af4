#include "net/tls/tls_stream.hpp"

#include <xmpp/error.hpp>

#include "base/spawn.hpp"
#include "net/socket/thread_buffer.hpp"
#include "net/socket/write_turns.hpp"
#include "net/tls/tls_engine.hpp"

#include <asio/error.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <system_error>

namespace xmpp::detail {
namespace {

/// Plain bytes that become records, and leave, at a time.
constexpr std::size_t chunk_size = 64 * 1024;

/// Answers of TLS itself that may pile up while a write is stuck. A key update takes some 30
/// bytes; who asks for thousands without reading means harm.
constexpr std::size_t most_pending_answers = 16 * 1024;

bool overlap(std::string_view bytes, std::span<const char> room) noexcept {
    const std::less<> before;
    return !bytes.empty() && before(bytes.data(), room.data() + room.size()) &&
           before(room.data(), bytes.data() + bytes.size());
}

}  // namespace

// Output collects in the engine, and one flush at a time empties it. The reader starts one of its
// own, when TLS wants to answer and none is under way; the writer waits for one that is, and
// encrypts only then: that bounds what is collected.
class tls_stream::state {
 public:
    state(const asio::any_io_executor& executor, std::unique_ptr<byte_stream> lower,
          std::shared_ptr<const tls_context> context, std::string server_name,
          std::string verify_name)
        : executor_(executor),
          lower_(std::move(lower)),
          engine_(std::move(context), std::move(server_name), std::move(verify_name)),
          turns_(executor) {}

    static task<> handshake(std::shared_ptr<state> self);
    static task<std::string_view> read(std::shared_ptr<state> self);
    static task<> write(std::shared_ptr<state> self, std::string_view bytes);
    static task<> close(std::shared_ptr<state> self);

    void abort() noexcept {
        aborted_ = true;
        lower_->abort();
    }

    const tls_engine& engine() const noexcept { return engine_; }
    bool closed() const noexcept { return closed_; }

 private:
    static task<> flush(std::shared_ptr<state> self);
    static task<> wait_for_the_wire(std::shared_ptr<state> self);
    static void answer(const std::shared_ptr<state>& self);

    asio::any_io_executor executor_;
    std::unique_ptr<byte_stream> lower_;
    tls_engine engine_;
    write_turns turns_;
    bool aborted_ = false;
    bool closed_ = false;  // our direction, in good order
};

task<> tls_stream::state::flush(std::shared_ptr<state> self) {
    write_turns::turn mine(self->turns_);
    while (self->engine_.output_size() > 0) {
        const std::string bytes = self->engine_.take_output();
        co_await self->lower_->write(bytes);
    }
    mine.went_well();
}

task<> tls_stream::state::wait_for_the_wire(std::shared_ptr<state> self) {
    if (!self->turns_.free()) co_await self->turns_.wait();
    if (self->aborted_) throw std::system_error(asio::error::operation_aborted);
    if (self->turns_.broken()) {
        throw error(errc::connection_lost, "an earlier write on this TLS stream did not finish");
    }
}

void tls_stream::state::answer(const std::shared_ptr<state>& self) {
    if (self->engine_.output_size() == 0 || self->turns_.broken()) return;
    if (self->turns_.free()) {
        // A failure shows in the next write, and in reading when the connection is gone.
        self->turns_.reserve();
        spawn(self->executor_, flush(self), [](std::exception_ptr) {});
    } else if (self->engine_.output_size() > most_pending_answers) {
        throw error(errc::tls_failure, "the peer asks for key updates without end");
    }
}

task<> tls_stream::state::handshake(std::shared_ptr<state> self) {
    std::string_view received;
    for (;;) {
        bool complete = false;
        std::exception_ptr failure;
        try {
            complete = self->engine_.handshake(received);
        } catch (...) {
            failure = std::current_exception();
        }
        try {
            co_await flush(self);
        } catch (...) {
            // The alert is a courtesy; why there is one counts.
            if (!failure) throw;
        }
        if (failure) std::rethrow_exception(failure);
        if (complete) co_return;
        received = co_await self->lower_->read();
        if (received.empty()) self->engine_.end_of_input();
    }
}

task<std::string_view> tls_stream::state::read(std::shared_ptr<state> self) {
    std::string_view received;  // empty at first: something may be left from the last time
    for (;;) {
        const auto room = decrypted_bytes_buffer();
        std::string copy;
        if (overlap(received,
                    room)) {  // TLS in TLS: what is below has decrypted into the same room
            copy = received;
            received = copy;
        }
        std::size_t size = 0;
        try {
            size = self->engine_.read(received, room);
        } catch (...) {
            answer(self);  // with an alert
            throw;
        }
        answer(self);
        if (size > 0) co_return std::string_view(room.data(), size);
        if (self->engine_.closed()) co_return std::string_view();
        received = co_await self->lower_->read();
        if (received.empty()) {
            self->engine_.end_of_input();
            co_return std::string_view();
        }
    }
}

task<> tls_stream::state::write(std::shared_ptr<state> self, std::string_view bytes) {
    while (!bytes.empty()) {
        co_await wait_for_the_wire(self);
        self->engine_.write(bytes.substr(0, chunk_size));
        bytes.remove_prefix(std::min(chunk_size, bytes.size()));
        co_await flush(self);
    }
}

task<> tls_stream::state::close(std::shared_ptr<state> self) {
    co_await wait_for_the_wire(self);
    self->engine_.shutdown();
    co_await flush(self);
    co_await self->lower_->close();
    self->closed_ = true;
}

tls_stream::tls_stream(const asio::any_io_executor& executor, std::unique_ptr<byte_stream> lower,
                       std::shared_ptr<const tls_context> context, std::string server_name,
                       std::string verify_name)
    : state_(std::make_shared<state>(executor, std::move(lower), std::move(context),
                                     std::move(server_name), std::move(verify_name))) {}

tls_stream::~tls_stream() {
    // The last bytes of a stream that was closed are still on their way, and the stream below knows
    // how to go without losing them; unless somebody is still at work here, and has to be woken.
    const bool at_work = state_.use_count() > 1;
    if (!state_->closed() || at_work) abort();
}

task<> tls_stream::handshake() {
    return state::handshake(state_);
}
task<std::string_view> tls_stream::read() {
    return state::read(state_);
}
task<> tls_stream::write(std::string_view bytes) {
    return state::write(state_, bytes);
}
task<> tls_stream::close() {
    return state::close(state_);
}
void tls_stream::abort() noexcept {
    state_->abort();
}

std::vector<std::pair<std::string, std::string>> tls_stream::channel_bindings() const {
    return state_->engine().channel_bindings();
}

std::string tls_stream::description() const {
    return state_->engine().description();
}
std::string tls_stream::alpn() const {
    return state_->engine().alpn();
}

}  // namespace xmpp::detail
