#include "base/next_turn.hpp"

#include "base/event.hpp"
#include "base/spawn.hpp"

#include <memory>

namespace xmpp::detail {

task<> next_turn(asio::any_io_executor executor) {
    const auto turn = std::make_shared<event>(executor);
    post(executor, [turn] { turn->set(); });
    co_await turn->wait();
}

}  // namespace xmpp::detail
