#include "testing/server/server_outbox.hpp"

#include <xmpp/error.hpp>

#include <utility>

namespace xmpp::detail::serving {

server_outbox::server_outbox(const asio::any_io_executor& executor, std::size_t limit)
    : limit_(limit), changed_(executor), idle_(executor), ended_(executor) {
    idle_.set();
}

bool server_outbox::push(std::string_view bytes) {
    if (finished_ || failed_) return true;
    if (waiting_.size() + bytes.size() > limit_) return false;
    waiting_ += bytes;
    idle_.reset();
    changed_.set();
    return true;
}

void server_outbox::finish() {
    finished_ = true;
    changed_.set();
}

task<> server_outbox::flushed() {
    co_await idle_.wait();
    if (failed_) throw error(errc::connection_lost, "the client does not read any more");
}

task<> server_outbox::run(std::shared_ptr<server_outbox> self, std::shared_ptr<xml_link> link) {
    for (;;) {
        while (!self->waiting_.empty()) {
            auto batch = std::exchange(self->waiting_, {});
            co_await link->write(std::move(batch));
        }
        self->idle_.set();
        if (self->finished_) break;
        self->changed_.reset();
        co_await self->changed_.wait();
    }
    co_await link->close();
}

void server_outbox::writer_ended(bool well) {
    failed_ = !well;
    finished_ = true;
    waiting_.clear();
    idle_.set();
    ended_.set();
}

}  // namespace xmpp::detail::serving
