#include "simulation/faulty_stream.hpp"

#include "base/event.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

class faulty_stream final : public byte_stream {
 public:
    faulty_stream(asio::any_io_executor executor, std::shared_ptr<clock> time,
                  std::unique_ptr<byte_stream> below, link_faults faults)
        : executor_(executor),
          time_(std::move(time)),
          below_(std::move(below)),
          faults_(faults),
          random_(faults.seed),
          aborted_(executor) {}

    task<std::string_view> read() override {
        if (heard_ >= faults_.deaf_after) co_await end();
        if (waiting_.empty()) {
            const auto bytes = co_await below_->read();
            if (bytes.empty()) co_return bytes;
            waiting_ = bytes;
        }
        co_await delay();
        const auto size = std::min(waiting_.size(), 1 + random_() % faults_.longest_piece);
        piece_ = waiting_.substr(0, std::min(size, left()));
        waiting_.erase(0, piece_.size());
        heard_ += piece_.size();
        co_await pass(piece_.size());
        co_return piece_;
    }

    task<> write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto size = std::min(bytes.size(), 1 + random_() % faults_.longest_piece);
            const auto piece = bytes.substr(0, std::min(size, left()));
            co_await delay();
            if (stalled()) co_return;  // into the void: the system takes it
            if (!piece.empty()) co_await below_->write(piece);
            co_await pass(piece.size());
            bytes.remove_prefix(piece.size());
        }
    }

    task<> close() override {
        if (stalled()) co_return;
        co_await below_->close();
    }

    void abort() noexcept override {
        aborted_.set();
        below_->abort();
    }

 private:
    bool stalled() const noexcept { return passed_ >= faults_.stall_after; }
    std::size_t left() const noexcept {
        const auto end = std::min(faults_.cut_after, faults_.stall_after);
        return end - std::min(passed_, end);
    }

    /// So many bytes more; does not return where the link ends.
    task<> pass(std::size_t count) {
        passed_ += count;
        if (stalled()) co_await end();
        if (passed_ >= faults_.cut_after) {
            below_->abort();
            throw std::system_error(std::make_error_code(std::errc::connection_reset));
        }
    }

    /// Nothing any more, until we give up.
    task<> end() {
        co_await aborted_.wait();
        throw std::system_error(std::make_error_code(std::errc::operation_canceled));
    }

    task<> delay() {
        if (faults_.longest_delay <= 0ns) co_return;
        const auto limit = static_cast<std::uint64_t>(faults_.longest_delay.count());
        const auto when = time_->now() + clock::duration(random_() % limit);
        auto due = std::make_shared<detail::event>(executor_);
        const auto timer = time_->call_at(executor_, when, [due] { due->set(); });
        co_await due->wait();
    }

    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    std::unique_ptr<byte_stream> below_;
    link_faults faults_;
    std::mt19937_64 random_;
    detail::event aborted_;
    std::string waiting_;
    std::string piece_;
    std::size_t passed_ = 0;
    std::size_t heard_ = 0;
};

}  // namespace

link_faults link_faults::drawn_from(std::mt19937_64& random) {
    link_faults drawn;
    drawn.seed = random();
    if (random() % 2 == 0) drawn.cut_after = 1 + random() % 6000;
    if (random() % 10 == 0) drawn.stall_after = 1 + random() % 4000;
    if (random() % 10 == 0) drawn.deaf_after = 1 + random() % 2000;
    if (random() % 3 == 0) drawn.longest_piece = 1 + random() % 50;
    if (random() % 3 == 0) drawn.longest_delay = std::chrono::milliseconds(1 + random() % 700);
    return drawn;
}

std::unique_ptr<byte_stream> make_faulty_stream(asio::any_io_executor executor,
                                                std::shared_ptr<clock> time,
                                                std::unique_ptr<byte_stream> below,
                                                link_faults faults) {
    return std::make_unique<faulty_stream>(std::move(executor), std::move(time), std::move(below),
                                           faults);
}

}  // namespace xmpp::test
