#pragma once

#include <xmpp/log.hpp>
#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp {
namespace detail {
class broker_core;
}

/// How a broker behaves. Every setter returns the object; the function of the same name without
/// argument tells the value.
class broker_options {
 public:
    using milliseconds = std::chrono::milliseconds;

    /// How long the session lives on without a program. Default 10 s.
    broker_options& linger(milliseconds value) { return set(linger_, value); }
    milliseconds linger() const { return linger_; }

    /// How often each program is asked for a sign of life. Default 30 s.
    broker_options& probe_interval(milliseconds value) { return set(probe_interval_, value); }
    milliseconds probe_interval() const { return probe_interval_; }

    /// A program that was silent for so long answers for nobody any more: another one is primary
    /// then, and gets the requests that it has not answered. Found when programs are probed.
    /// Default 70 s.
    broker_options& silent_after(milliseconds value) { return set(silent_after_, value); }
    milliseconds silent_after() const { return silent_after_; }

    /// A program that was silent for so long is put out. Default 30 minutes.
    broker_options& drop_after(milliseconds value) { return set(drop_after_, value); }
    milliseconds drop_after() const { return drop_after_; }

    /// Bytes that may wait for a program that does not read; stanzas beyond that are left out for
    /// it, and requests are answered with an error. Default 16 MiB.
    broker_options& client_queue_bytes(std::size_t value) {
        return set(client_queue_bytes_, value);
    }
    std::size_t client_queue_bytes() const { return client_queue_bytes_; }

    /// Programs at once; more are refused. Default 64.
    broker_options& max_clients(std::size_t value) { return set(max_clients_, value); }
    std::size_t max_clients() const { return max_clients_; }

    /// broker::run() returns once there was neither session nor program for linger(). Off.
    broker_options& until_idle(bool value) { return set(until_idle_, value); }
    bool until_idle() const { return until_idle_; }

    /// Where to connect when a program does not say. Default empty: where the domain says in DNS.
    broker_options& service(std::string value) { return set(service_, std::move(value)); }
    const std::string& service() const { return service_; }

    /// How the broker's connection behaves. What a program sets of where to connect, whom to trust
    /// and how to log in goes before this; limits, time, options::reconnect are the broker's own.
    broker_options& connection(options value) { return set(connection_, std::move(value)); }
    const options& connection() const { return connection_; }

 private:
    template <class T, class U>
    broker_options& set(T& member, U&& value) {
        member = std::forward<U>(value);
        return *this;
    }

    milliseconds linger_{10'000};
    milliseconds probe_interval_{30'000};
    milliseconds silent_after_{70'000};
    milliseconds drop_after_{30 * 60'000};
    std::size_t client_queue_bytes_ = 16u << 20;
    std::size_t max_clients_ = 64;
    bool until_idle_ = false;
    std::string service_;
    options connection_;
};

/// Owns one XMPP session for several programs of one user, which reach it by a Unix socket
/// (docs/shared-sessions.md):
///
///     xmpp::broker broker(executor, "/run/user/1000/xmpp.sock");
///     co_await broker.run();
///
/// and in each program
///
///     xmpp::connection conn(executor, "unix:/run/user/1000/xmpp.sock");
///     co_await conn.login(xmpp::credentials("juliet@example.org", "secret"));
///
/// Only programs of the broker's own user are let in; they trust each other: whoever is in acts as
/// the account. A program that crashes, hangs, sends garbage or floods disturbs none of the others.
///
/// **Threads.** As with connections: one executor, a strand where the context has several threads.
/// Nothing here starts a thread. Linux only: other systems have no way to tell who is at the other
/// end that is used here.
class broker {
 public:
    /// Listens on the socket, which is made with mode 0600. One that is left over from a broker
    /// that has gone is replaced; beside it a file with `.lock` behind its name stays.
    /// \throws error(errc::already_connected) when a broker listens there already;
    ///         error(errc::invalid_service) for a path that can't be a socket's;
    ///         std::system_error
    broker(asio::any_io_executor executor, std::filesystem::path socket,
           broker_options settings = {});
    /// With a Unix socket that listens already, of a service manager (sd_listen_fds(3)), say; it is
    /// closed with the broker.
    /// \throws std::system_error
    broker(asio::any_io_executor executor, int listening_descriptor, broker_options settings = {});
    broker(const broker&) = delete;
    broker& operator=(const broker&) = delete;
    /// Drops everything at once. No call of the log afterwards.
    ~broker();

    /// Serves programs until stop(), or with broker_options::until_idle until nobody is there any
    /// more. Once only. Cancelling drops everything. A lack of descriptors keeps only programs out.
    /// \throws std::system_error when no connection can be accepted any more
    task<void> run();

    /// Ends the session in good order, of which every program is told, and lets run() return.
    void stop();

    /// Called with the lines of the log, those of the broker's connection among them, from
    /// `threshold` upwards. They hold no secrets. It must not throw.
    void on_log(log_level threshold, std::function<void(log_level, std::string_view)> observer);

 private:
    std::shared_ptr<detail::broker_core> core_;
};

}  // namespace xmpp
