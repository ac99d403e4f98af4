#include "stream/early_reader.hpp"

#include "base/spawn.hpp"

#include <utility>

namespace xmpp::detail {

early_reader::early_reader(const asio::any_io_executor& executor, std::shared_ptr<transport> below)
    : below_(std::move(below)), over_(executor) {}

void early_reader::start(const std::shared_ptr<early_reader>& self,
                         const asio::any_io_executor& executor, std::shared_ptr<event> noticed) {
    spawn(executor, read_one(self), [self, noticed](std::exception_ptr failure) {
        self->failure_ = std::move(failure);
        self->over_.set();
        noticed->pulse();
    });
}

task<> early_reader::read_one(std::shared_ptr<early_reader> self) {
    self->element_ = co_await self->below_->read();
}

task<std::optional<stanza>> early_reader::read() {
    if (taken_) return below_->read();
    return take();
}

task<std::optional<stanza>> early_reader::take() {
    co_await over_.wait();
    taken_ = true;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    co_return std::exchange(element_, std::nullopt);
}

}  // namespace xmpp::detail
