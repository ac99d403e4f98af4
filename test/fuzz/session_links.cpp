// What a server sends over one link after the other, with streams that are managed and resumed and
// with a store: whatever it is, the session ends once, and what it leaves in the store keeps no
// later session from its end.
#include <xmpp/session_store.hpp>

#include "hostile_program.hpp"
#include "hostile_server.hpp"
#include "target.hpp"

#include <deque>
#include <span>

using namespace xmpp;

namespace {

/// Links, the attempts behind them, and the silences that each may be left with.
constexpr std::chrono::minutes longest_session(60);
constexpr std::size_t most_links = 6;
constexpr std::string_view between_links = "\n--\n";

/// The plans of an input: for each link two bytes, and what is sent over it. The links after the
/// first choose by the highest bit of their second byte whether the server resumes the stream.
std::deque<fuzz::session_plan> plans_of(std::string_view input) {
    std::deque<fuzz::session_plan> plans;
    while (input.size() >= 2 && plans.size() < most_links) {
        const auto part = input.substr(0, input.find(between_links, 2));
        input.remove_prefix(std::min(part.size() + between_links.size(), input.size()));
        const auto first = static_cast<unsigned char>(part[0]);
        const auto second = static_cast<unsigned char>(part[1]);
        auto& plan = plans.emplace_back(first, second & ~16U, part.substr(2));
        const bool resumes = plans.size() > 1 && (second & 128U) != 0;
        const auto whole = resumes ? std::span<const fuzz::login_step>(fuzz::resuming_login)
                                   : std::span<const fuzz::login_step>(fuzz::managed_login);
        plan.login = whole.first(std::min<std::size_t>(first & 7U, whole.size()));
    }
    return plans;
}

task<std::unique_ptr<byte_stream>> dial_next(asio::any_io_executor executor,
                                             std::deque<fuzz::session_plan>* plans) {
    if (plans->empty()) throw error(errc::connection_refused);
    const auto plan = plans->front();
    plans->pop_front();
    co_return co_await fuzz::dial(executor, plan);
}

void run(std::deque<fuzz::session_plan> plans, std::shared_ptr<session_store> store) {
    fuzz::world world;
    fuzz::behaviour what;
    what.sends = true;
    what.leaves = !plans.empty() && plans.back().leaves && plans.size() == 1;
    auto settings = options()
                        .dialer([&](const std::string&, std::uint16_t) {
                            return dial_next(world.executor, &plans);
                        })
                        .time_source(world.time)
                        .tls(tls_mode::disabled)
                        .allow_plaintext_auth(true)
                        .session_store(std::move(store));
    fuzz::program(world, "xmpp://example.org", std::move(settings), what)
        .run(fuzz::account_of_user(), longest_session);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto plans = plans_of(fuzz::as_text(data, size));
    const auto store = make_memory_store();
    run(plans, store);
    // Another process with that store, and the same server.
    run(std::move(plans), store);
    return 0;
}
