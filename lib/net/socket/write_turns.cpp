#include "net/socket/write_turns.hpp"

namespace xmpp::detail {

task<> write_turns::wait() {
    while (!free()) co_await free_.wait();
}

}  // namespace xmpp::detail
