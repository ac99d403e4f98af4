#include "support/co_test.hpp"

#include "base/spawn.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <utility>

namespace xmpp::test {

void run(asio::io_context& context, task<> body, std::chrono::seconds limit) {
    context.restart();
    bool finished = false;
    std::exception_ptr failure;
    detail::spawn(context.get_executor(), std::move(body), [&](std::exception_ptr thrown) {
        finished = true;
        failure = std::move(thrown);
    });
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!finished && std::chrono::steady_clock::now() < deadline && context.run_one_for(limit)) {
    }
    if (!finished) FAIL() << "the coroutine did not finish";
    if (failure) std::rethrow_exception(failure);
}

}  // namespace xmpp::test
