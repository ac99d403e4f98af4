#include "net/socket/local_socket.hpp"

#include <xmpp/error.hpp>

#include "net/socket/socket_write.hpp"
#include "net/socket/thread_buffer.hpp"

#include <asio/buffer.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace xmpp::detail {
namespace {

using local = asio::local::stream_protocol;

constexpr int backlog = 128;

[[noreturn]] void fail(const char* doing, const std::filesystem::path& path, int number = errno) {
    throw error(std::error_code(number, std::system_category()),
                fmt::format("{} {}", doing, path.string()));
}

sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto& name = path.native();
    if (name.empty() || name.size() >= sizeof(address.sun_path) ||
        name.find('\0') != std::string::npos) {
        throw error(errc::invalid_service,
                    fmt::format("'{}': the path of a socket has 1 to {} bytes", path.string(),
                                sizeof(address.sun_path) - 1));
    }
    std::memcpy(address.sun_path, name.data(), name.size());
    return address;
}

descriptor make_socket() {
    descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (made.get() < 0) fail("making the socket", {});
    return made;
}

/// Null when nobody listens.
std::optional<descriptor> connect(const std::filesystem::path& path) {
    const auto address = address_of(path);
    auto made = make_socket();
    // It never takes its time: there is room in the queue of the listener, or there is none.
    if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
        return made;
    }
    if (errno == ENOENT || errno == ECONNREFUSED) return std::nullopt;
    fail("connecting to", path);
}

/// The user at the other end, as the kernel knows it.
std::optional<uid_t> user_behind(int socket) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
    return peer.uid;
}

class local_stream final : public byte_stream {
 public:
    explicit local_stream(local::socket connected)
        : state_(std::make_shared<state>(std::move(connected))) {}
    ~local_stream() override { abort(); }

    task<std::string_view> read() override { return state::read(state_); }
    task<> write(std::string_view bytes) override { return write_to_socket(state_, bytes); }
    task<> close() override { return state::close(state_); }
    void abort() noexcept override {
        std::error_code ignored;
        state_->socket.close(ignored);
    }

 private:
    // Also held by what waits: abort() and destroy in one go is fine.
    struct state {
        explicit state(local::socket connected) : socket(std::move(connected)) {
            socket.non_blocking(true);
        }

        [[noreturn]] void fail(const char* doing, std::error_code code) const {
            if (!socket.is_open()) code = asio::error::operation_aborted;
            if (code == asio::error::operation_aborted) throw std::system_error(code);
            throw error(code, fmt::format("{} a Unix socket", doing));
        }

        static task<std::string_view> read(std::shared_ptr<state> self) {
            for (;;) {
                std::error_code failure;
                co_await self->socket.async_wait(
                    asio::socket_base::wait_read,
                    asio::redirect_error(asio::use_awaitable, failure));
                if (failure) self->fail("reading from", failure);
                const auto room = received_bytes_buffer();
                const auto size =
                    self->socket.read_some(asio::buffer(room.data(), room.size()), failure);
                if (failure == asio::error::would_block || failure == asio::error::try_again ||
                    failure == asio::error::interrupted) {
                    continue;
                }
                if (failure == asio::error::eof) co_return std::string_view();
                if (failure) self->fail("reading from", failure);
                co_return std::string_view(room.data(), size);
            }
        }

        static task<> close(std::shared_ptr<state> self) {
            std::error_code ignored;  // a peer that has gone needs no farewell
            self->socket.shutdown(asio::socket_base::shutdown_send, ignored);
            co_return;
        }

        local::socket socket;
        bool write_waits = false;
    };

    std::shared_ptr<state> state_;
};

/// Holds others off who want to listen at the same path; nothing while another does that. The lock
/// ends with the descriptor; its file stays, as one that is removed could be locked by two.
std::optional<descriptor> lock(const std::filesystem::path& path) {
    auto name = path;
    name += ".lock";
    descriptor file(::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) fail("opening", name);
    struct stat found{};
    if (::fstat(file.get(), &found) != 0) fail("looking at", name);
    // Who owns it could let anybody hold it.
    if (!S_ISREG(found.st_mode) || found.st_uid != ::geteuid()) {
        fail("it is no file of this user:", name, EPERM);
    }
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return std::nullopt;
        if (errno != EINTR) fail("locking", name);
    }
    return file;
}

}  // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

descriptor::~descriptor() {
    if (number_ >= 0) ::close(number_);
}

int descriptor::release() noexcept {
    return std::exchange(number_, -1);
}

std::unique_ptr<byte_stream> connect_local(const asio::any_io_executor& executor,
                                           const std::filesystem::path& path) {
    auto connected = connect(path);
    if (!connected) return nullptr;
    if (user_behind(connected->get()) != ::geteuid()) {
        throw error(errc::not_supported,
                    fmt::format("who listens on {} is another user", path.string()));
    }
    local::socket socket(executor, local(), connected->release());
    return std::make_unique<local_stream>(std::move(socket));
}

std::optional<descriptor> listen_local(const std::filesystem::path& path) {
    const auto address = address_of(path);
    const auto alone = lock(path);
    if (!alone || connect(path)) return std::nullopt;

    struct stat file{};
    const bool stale = ::lstat(path.c_str(), &file) == 0;
    if (stale && !S_ISSOCK(file.st_mode)) fail("there is something else at", path, EEXIST);
    if (stale && ::unlink(path.c_str()) != 0) fail("removing the socket that nobody uses,", path);

    auto made = make_socket();
    // Before the file is there: it is never open to others. (Linux takes the mode from here.)
    if (::fchmod(made.get(), S_IRUSR | S_IWUSR) != 0) fail("restricting access to", path);
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        fail("binding", path);
    }
    // Nobody can connect before this, whatever the file system made of the mode.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) fail("restricting access to", path);
    if (::listen(made.get(), backlog) != 0) fail("listening on", path);
    return made;
}

class local_listener::state {
 public:
    state(const asio::any_io_executor& executor, descriptor listening)
        : acceptor(executor, local(), listening.get()) {
        listening.release();
        acceptor.non_blocking(true);
    }

    static task<std::unique_ptr<byte_stream>> accept(std::shared_ptr<state> self) {
        descriptor accepted_one;
        while (accepted_one.get() < 0) {
            std::error_code failure;
            co_await self->acceptor.async_wait(asio::socket_base::wait_read,
                                               asio::redirect_error(asio::use_awaitable, failure));
            if (failure) throw std::system_error(failure);
            // Not Asio's: programs that this process starts would inherit it.
            accepted_one = descriptor(::accept4(self->acceptor.native_handle(), nullptr, nullptr,
                                                SOCK_CLOEXEC | SOCK_NONBLOCK));
            const bool passes = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
            if (accepted_one.get() < 0 && !passes) {
                throw std::system_error(errno, asio::error::get_system_category());
            }
        }
        local::socket socket(self->acceptor.get_executor(), local(), accepted_one.release());
        if (user_behind(socket.native_handle()) != ::geteuid()) co_return nullptr;
        std::unique_ptr<byte_stream> accepted = std::make_unique<local_stream>(std::move(socket));
        co_return accepted;
    }

    local::acceptor acceptor;
};

local_listener::local_listener(const asio::any_io_executor& executor, descriptor listening)
    : state_(std::make_shared<state>(executor, std::move(listening))) {}

local_listener::~local_listener() {
    close();
}

task<std::unique_ptr<byte_stream>> local_listener::accept() {
    return state::accept(state_);
}

void local_listener::close() noexcept {
    std::error_code ignored;
    state_->acceptor.close(ignored);
}

}  // namespace xmpp::detail
