#include <xmpp/connection.hpp>
#include <xmpp/scoped_handler.hpp>

#include "session/runs.hpp"

#include <utility>

namespace xmpp {

scoped_handler::scoped_handler(connection& conn, handler_id id) noexcept
    : runs_(conn.runs_), id_(id) {}

scoped_handler& scoped_handler::operator=(scoped_handler&& other) noexcept {
    if (this != &other) {
        reset();
        runs_ = std::move(other.runs_);
        id_ = other.id_;
    }
    return *this;
}

scoped_handler::~scoped_handler() {
    reset();
}

void scoped_handler::reset() noexcept {
    if (const auto runs = std::exchange(runs_, {}).lock()) runs->remove_handler(id_);
}

handler_id scoped_handler::release() noexcept {
    runs_.reset();
    return id_;
}

}  // namespace xmpp
