#pragma once

#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

#include <memory>

namespace xmpp::detail {

/// A flag that coroutines wait for. All calls are made on its executor.
///
/// Waiters are held by an Asio timer, hence by the execution context: when the context goes, their
/// frames are destroyed with it. They are resumed by post, never from inside set() or pulse(), and
/// look at the flag again then: where it was reset meanwhile, they go on waiting.
class event {
 public:
    explicit event(const asio::any_io_executor& executor);
    ~event();

    void set();
    void reset() noexcept;
    /// Lets those pass who wait now, and leaves the flag as it is.
    void pulse();
    bool is_set() const noexcept;

    /// Returns once the flag is set, or at a pulse. Throws operation_aborted when cancelled, or
    /// when the event is destroyed.
    task<> wait();

 private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace xmpp::detail
