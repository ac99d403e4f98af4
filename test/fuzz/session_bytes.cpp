// What a server sends, through transport, parser and session: whatever it is, the session ends,
// once and within bounded time, and so does everything that waits for it.
#include "hostile_program.hpp"
#include "hostile_server.hpp"
#include "target.hpp"

using namespace xmpp;

namespace {

/// Connecting, a minute of silence, the question whether the server is there, and leaving.
constexpr std::chrono::minutes longest_session(3);

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const fuzz::session_plan plan(data[0], data[1], fuzz::as_text(data, size).substr(2));
    fuzz::world world;
    // Each link gets the same bytes, also those that redirects lead to.
    auto settings = options()
                        .reconnect(false)
                        .dialer([&](const std::string&, std::uint16_t) {
                            return fuzz::dial(world.executor, plan);
                        })
                        .time_source(world.time)
                        .tls(tls_mode::optional)
                        .allow_plaintext_auth(true)
                        .allow_legacy_auth(true)
                        .explicit_resource_binding(plan.explicit_binding);
    fuzz::behaviour what;
    what.leaves = plan.leaves;
    what.resets = plan.resets;
    const auto* service = plan.component ? "component://example.org" : "xmpp://example.org";
    auto who = plan.component ? credentials::component("echo.example.org", "secret")
                              : fuzz::account_of_user();
    fuzz::program(world, service, std::move(settings), what).run(std::move(who), longest_session);
    return 0;
}
