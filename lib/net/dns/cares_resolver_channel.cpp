#include "net/dns/cares_resolver_channel.hpp"

#include <xmpp/error.hpp>

#include <asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <system_error>
#include <utility>

// Later versions discourage what earlier ones have nothing else for.
#define CARES_NO_DEPRECATED
#include <ares.h>

#include <sys/time.h>

namespace xmpp::detail {
namespace {

// A server gets 1.5 s for its first chance and 3 s for its second.
constexpr int first_patience_ms = 1'500;
constexpr int tries = 2;

[[noreturn]] void refuse(int failure) {
    throw error(errc::host_not_found,
                fmt::format("the resolver can't be set up: {}", ares_strerror(failure)));
}

/// c-ares counts its users without a lock.
void initialise_cares() {
    static const int result = ares_library_init(ARES_LIB_INIT_ALL);
    if (result != ARES_SUCCESS) refuse(result);
}

/// One of c-ares' sockets, which stays its own: it is watched and never closed here.
struct watched_socket {
    watched_socket(const asio::any_io_executor& executor, ares_socket_t native)
        : descriptor(executor, native) {}
    ~watched_socket() { let_go(); }

    void let_go() {
        if (descriptor.is_open()) descriptor.release();
    }

    asio::posix::stream_descriptor descriptor;
    bool wants_read = false;
    bool wants_write = false;
    bool reading = false;
    bool writing = false;
};

}  // namespace

class cares_channel::state : public std::enable_shared_from_this<state> {
 public:
    state(asio::any_io_executor executor, std::shared_ptr<clock> time)
        : executor_(std::move(executor)), time_(std::move(time)) {}

    void open(const settings& how) {
        initialise_cares();
        ares_options options{};
        options.timeout = first_patience_ms;
        options.tries = tries;
        options.sock_state_cb = &socket_changed;
        options.sock_state_cb_data = this;
        int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
        if (!how.complete_names) {
            options.flags |= ARES_FLAG_NOSEARCH;
            given |= ARES_OPT_FLAGS | ARES_OPT_DOMAINS;  // no domains at all
        }
        if (how.accept_refusals) {
            options.flags |= ARES_FLAG_NOCHECKRESP;
            given |= ARES_OPT_FLAGS;
        }
        const int opened = ares_init_options(&channel_, &options, given);
        if (opened != ARES_SUCCESS) refuse(opened);
        if (how.servers.empty()) return;
        const int set = ares_set_servers_ports_csv(channel_, how.servers.c_str());
        if (set != ARES_SUCCESS) refuse(set);
    }

    void close() {
        if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
        sockets_.clear();
        timer_.reset();
    }

    void start(const std::function<void(ares_channeldata*)>& begin) {
        begin(channel_);
        arm_timer();
    }

 private:
    static void socket_changed(void* self, ares_socket_t native, int readable, int writable) {
        try {
            static_cast<state*>(self)->watch(native, readable != 0, writable != 0);
        } catch (...) {
            // Nothing may be thrown through c-ares. A socket that nobody watches never answers, and
            // the question ends by its time limit.
            static_cast<state*>(self)->sockets_.erase(native);
        }
    }

    void watch(ares_socket_t native, bool read, bool write) {
        if (!read && !write) {
            // At once, whoever holds it: c-ares is about to close it, and the number may be that of
            // the next socket.
            if (const auto closing = sockets_.extract(native)) closing.mapped()->let_go();
            return;
        }
        auto& socket = sockets_[native];
        if (!socket) socket = std::make_shared<watched_socket>(executor_, native);
        socket->wants_read = read;
        socket->wants_write = write;
        wait(native, socket);
    }

    void wait(ares_socket_t native, const std::shared_ptr<watched_socket>& socket) {
        using asio::posix::descriptor_base;
        if (socket->wants_read && !std::exchange(socket->reading, true)) {
            socket->descriptor.async_wait(
                descriptor_base::wait_read,
                [self = weak_from_this(), native, socket](std::error_code failure) {
                    socket->reading = false;
                    ready(self, native, socket, failure, native, ARES_SOCKET_BAD);
                });
        }
        if (socket->wants_write && !std::exchange(socket->writing, true)) {
            socket->descriptor.async_wait(
                descriptor_base::wait_write,
                [self = weak_from_this(), native, socket](std::error_code failure) {
                    socket->writing = false;
                    ready(self, native, socket, failure, ARES_SOCKET_BAD, native);
                });
        }
    }

    static void ready(const std::weak_ptr<state>& waiting, ares_socket_t native,
                      const std::shared_ptr<watched_socket>& socket, const std::error_code& failure,
                      ares_socket_t readable, ares_socket_t writable) {
        const auto self = waiting.lock();
        if (!self || failure || !self->watches(native, socket)) return;
        ares_process_fd(self->channel_, readable, writable);
        if (self->watches(native, socket)) self->wait(native, socket);
        self->arm_timer();
    }

    /// c-ares may have closed the socket, and opened another of the same number.
    bool watches(ares_socket_t native, const std::shared_ptr<watched_socket>& socket) const {
        const auto found = sockets_.find(native);
        return channel_ != nullptr && found != sockets_.end() && found->second == socket;
    }

    void arm_timer() {
        timeval room{};
        const auto* next = ares_timeout(channel_, nullptr, &room);
        timer_.reset();
        if (next == nullptr) return;
        // Rounded up: too early would be in vain.
        const auto wait = std::chrono::seconds(next->tv_sec) +
                          std::chrono::microseconds(next->tv_usec) + std::chrono::milliseconds(1);
        timer_ = time_->call_at(executor_, time_->now() + wait, [this] {
            ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            arm_timer();
        });
    }

    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, std::shared_ptr<watched_socket>> sockets_;
    std::unique_ptr<clock::timer> timer_;
};

cares_channel::cares_channel(const asio::any_io_executor& executor, std::shared_ptr<clock> time,
                             const settings& how)
    : state_(std::make_shared<state>(executor, std::move(time))) {
    try {
        state_->open(how);
    } catch (...) {
        state_->close();
        throw;
    }
}

cares_channel::~cares_channel() {
    state_->close();
}

void cares_channel::start(const std::function<void(ares_channeldata*)>& begin) {
    state_->start(begin);
}

}  // namespace xmpp::detail
