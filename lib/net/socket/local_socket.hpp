#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace xmpp::detail {

/// An open descriptor, closed with this object.
class descriptor {
 public:
    explicit descriptor(int number = -1) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor();

    int get() const noexcept { return number_; }
    int release() noexcept;

 private:
    int number_;
};

/// Connects to a Unix socket. Only a program of our own user may listen there.
/// \returns null when nobody listens
/// \throws error(errc::invalid_service) for a path that can't be one; error(errc::not_supported)
///         when the listener is another user's; std::system_error
std::unique_ptr<byte_stream> connect_local(const asio::any_io_executor& executor,
                                           const std::filesystem::path& path);

/// Makes a Unix socket that only our own user can connect to, and listens. A socket file that
/// nobody listens on any more is replaced; two who do this at once don't disturb each other.
/// \returns nothing when somebody listens there already, or is about to
/// \throws as connect_local()
std::optional<descriptor> listen_local(const std::filesystem::path& path);

/// Accepts connections of our own user on a socket that listens. For one coroutine.
class local_listener {
 public:
    /// \throws std::system_error when it is no such socket
    local_listener(const asio::any_io_executor& executor, descriptor listening);
    ~local_listener();
    local_listener(const local_listener&) = delete;
    local_listener& operator=(const local_listener&) = delete;

    /// The next connection; null for one that another user has made, which is closed.
    /// \throws std::system_error; operation_aborted after close()
    task<std::unique_ptr<byte_stream>> accept();
    void close() noexcept;

 private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace xmpp::detail
