#include "allocation_counter.hpp"
#include "base/spawn.hpp"
#include "stream/outbox.hpp"
#include "transport/transport.hpp"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {
namespace {

constexpr std::string_view element =
    "<message to='juliet@capulet.example/balcony' type='chat' id='b4a91c3e-7d15'>"
    "<body>Shall I hear more, or shall I speak at this, my love?</body></message>";

/// Takes what is written, and that is all.
class bottomless_transport final : public detail::transport {
 public:
    task<stanza> open_stream(detail::stream_header) override { throw std::logic_error("unused"); }
    task<std::optional<stanza>> read() override { throw std::logic_error("unused"); }
    task<> write(const detail::outgoing_batch& batch) override {
        elements += batch.ends.size();
        ++writes;
        co_return;
    }
    task<> start_tls() override { throw std::logic_error("unused"); }
    task<> close_stream(std::string) override { throw std::logic_error("unused"); }
    void abort() noexcept override {}
    void established() noexcept override {}
    bool secure() const noexcept override { return false; }
    std::vector<detail::channel_binding_data> channel_bindings() const override { return {}; }

    std::size_t elements = 0;
    std::size_t writes = 0;
};

class sending : public ::testing::Test {
 protected:
    /// Sends in groups, each written before the next; what the last ones take is counted.
    void send(int groups, int group_size) {
        const auto rethrow = [](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);
        };
        detail::spawn(context_.get_executor(), queue_.run(wire), rethrow);
        detail::spawn(context_.get_executor(), push(groups, group_size), rethrow);
        context_.run();  // once: Asio's recycled blocks end with the call
    }

    bottomless_transport wire;
    int used = 0;          // by all
    int used_by_push = 0;  // by the calls of push() alone

 private:
    task<> push(int groups, int group_size) {
        co_await push_groups(warming_up, group_size);
        used_by_push = 0;
        const int before = allocations_so_far();
        co_await push_groups(groups, group_size);
        used = allocations_so_far() - before;
        queue_.finish({});
    }

    task<> push_groups(int groups, int group_size) {
        for (int i = 0; i < groups; ++i) {
            used_by_push += allocations_of([&] {
                for (int each = 0; each < group_size; ++each) queue_.push(element);
            });
            const auto target = queue_.accepted();
            while (queue_.written() < target) co_await progress_->wait();
        }
    }

    static constexpr int warming_up = 10;

    asio::io_context context_;
    std::shared_ptr<detail::event> progress_ =
        std::make_shared<detail::event>(context_.get_executor());
    detail::outbox queue_{context_.get_executor(), 1u << 20, 16u << 20, progress_, {}};
};

// A write wakes the writer and whoever waits for the flush: frames of coroutines, for which Asio
// keeps a block or two, depending on its version and on how large the compiler makes them.
constexpr int most_by_coroutines = 2;

TEST_F(sending, a_message_in_a_write_of_its_own_allocates_nothing_but_frames) {
    send(100, 1);
    show("message through the outbox, each written by itself", 100, used);
    EXPECT_EQ(wire.elements, 110u);
    EXPECT_EQ(wire.writes, 110u);
    EXPECT_EQ(used_by_push, 0);
    EXPECT_LE(used, 100 * most_by_coroutines + 2);
}

TEST_F(sending, sixteen_messages_in_one_write_allocate_nothing_but_frames) {
    send(100, 16);
    show("16 messages through the outbox in one write", 100, used);
    EXPECT_EQ(wire.elements, 1'760u);
    EXPECT_EQ(wire.writes, 110u);
    EXPECT_EQ(used_by_push, 0);
    EXPECT_LE(used, 100 * most_by_coroutines + 2);
}

}  // namespace
}  // namespace xmpp::test
