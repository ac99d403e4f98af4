#pragma once

#include <xmpp/handler.hpp>

#include <memory>

namespace xmpp {

class connection;
namespace detail {
class runs;
}

/// Removes a handler when it goes: for objects that register what refers to themselves.
///
///     class counter {
///         explicit counter(connection& conn)
///             : messages_(conn, conn.add_handler(match().name("message"),
///                                                [this](const stanza&) { return ++count_ > 0; }))
///                                                {}
///         int count_ = 0;
///         scoped_handler messages_;  // goes before what its handler uses
///     };
///
/// May outlive the connection, and follows it when that is moved. Use it where the connection is
/// used: on its executor.
class scoped_handler {
 public:
    /// Has none.
    scoped_handler() noexcept = default;
    /// \param conn the connection that the handler is registered with
    /// \param id what add_handler(), on_iq() or another function of `conn` has returned
    scoped_handler(connection& conn, handler_id id) noexcept;
    scoped_handler(scoped_handler&& other) noexcept = default;
    scoped_handler& operator=(scoped_handler&& other) noexcept;
    ~scoped_handler();

    /// Removes the handler now.
    void reset() noexcept;
    /// Leaves it to be removed by its id, or to stay.
    handler_id release() noexcept;

 private:
    std::weak_ptr<detail::runs> runs_;  // empty: has none
    handler_id id_{};
};

}  // namespace xmpp
