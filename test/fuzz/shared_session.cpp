// The socket of a shared session, from both ends: a program whose broker says anything, and a
// broker one of whose programs says anything. The session of the one ends, and the other goes on.
#include <xmpp/broker.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "hostile_server.hpp"
#include "net/socket/local_socket.hpp"
#include "opened_session.hpp"
#include "support/files.hpp"
#include "target.hpp"
#include "transport/shared/shared_login.hpp"
#include "transport/shared/shared_protocol.hpp"
#include "transport/shared/shared_transport.hpp"

#include <string>

using namespace xmpp;

namespace {

namespace shared = detail::shared;

/// Longer than a broker waits for a program that is silent.
constexpr std::chrono::minutes longest_session(40);

/// What the hostile end does, as the first byte of an input chooses it.
struct plan {
    bool is_program;  // a broker otherwise
    bool greets;
    bool takes_part;  // in a session
    fuzz::ending how;
    std::string_view bytes;

    explicit plan(std::string_view input)
        : is_program((input.front() & 1) != 0),
          greets((input.front() & 2) != 0),
          takes_part((input.front() & 4) != 0),
          how(static_cast<fuzz::ending>((static_cast<unsigned char>(input.front()) >> 3U) & 3U)),
          bytes(input.substr(1)) {}
};

/// Until the other end closes.
task<> say(std::shared_ptr<byte_stream> link, std::string beginning, plan what) {
    if (what.greets) co_await link->write(beginning);
    co_await link->write(what.bytes);
    if (what.how == fuzz::ending::close) co_await link->close();
    if (what.how == fuzz::ending::cut) link->abort();
    bool more = true;
    while (more) {
        const auto read = co_await link->read();
        more = !read.empty();
    }
}

std::string beginning_of_broker(const plan& what) {
    shared::welcome welcome;
    welcome.user = "juliet@example.org/balcony";
    welcome.features = "<features xmlns='http://etherx.jabber.org/streams'/>";
    welcome.fresh = 1;
    return shared::encode(shared::hello()) +
           (what.takes_part ? shared::encode(welcome) : std::string());
}

std::string beginning_of_program(const plan& what) {
    return shared::encode(shared::hello()) +
           (what.takes_part ? shared::encode(shared::attach()) : std::string());
}

task<std::shared_ptr<detail::transport>> join(asio::any_io_executor executor, plan what,
                                              detail::transport_request wanted,
                                              detail::wire_observer& observer) {
    auto [ours, theirs] = testing::memory_stream_pair(executor);
    std::shared_ptr<byte_stream> broker = std::move(theirs);
    auto beginning = beginning_of_broker(what);
    detail::spawn(executor, say(std::move(broker), std::move(beginning), what),
                  [](const std::exception_ptr&) {});
    auto link = std::make_shared<detail::shared_link>(executor, std::move(ours),
                                                      detail::most_message_bytes(wanted.settings));
    auto wire = std::make_shared<detail::shared_transport>(std::move(link), wanted.settings,
                                                           wanted.events, observer);
    co_await wire->join(std::move(wanted));
    co_return wire;
}

void run_against_broker(const plan& what) {
    fuzz::world world;
    auto settings = options().reconnect(false).time_source(world.time).tls(tls_mode::disabled);
    fuzz::opened_session(world, "unix:/nowhere", std::move(settings),
                         [&](detail::transport_request wanted, detail::wire_observer& observer) {
                             return join(world.executor, what, std::move(wanted), observer);
                         })
        .run(longest_session);
}

/// What one socket was given is ready at the other at once, but the context may look for it only
/// when it is asked again.
void settle(asio::io_context& context) {
    int quiet = 0;
    while (quiet < 2) {
        context.restart();
        quiet = context.poll() == 0 ? quiet + 1 : 0;
    }
}

task<> note_end(task<> running, bool* ended) {
    co_await std::move(running);
    *ended = true;
}

task<> count_ends(async_generator<status> statuses, int* ends) {
    while (auto step = co_await statuses.next()) {
        if (step->code == status_code::disconnected) ++*ends;
    }
}

void run_against_program(const plan& what) {
    static const test::temporary_directory folder;
    const auto socket = folder.path() / "session";
    fuzz::world world;
    fuzz::session_plan server(0, 0, {});
    server.login = fuzz::client_login;
    server.how = fuzz::ending::silence;
    auto base = options()
                    .dialer([&](const std::string&, std::uint16_t) {
                        return fuzz::dial(world.executor, server);
                    })
                    .time_source(world.time)
                    .liveness(std::chrono::milliseconds(0), std::chrono::milliseconds(0));
    broker owner(world.executor, socket,
                 broker_options().service("xmpp://example.org").connection(std::move(base)));
    bool stopped = false;
    detail::spawn(world.executor, note_end(owner.run(), &stopped),
                  [](const std::exception_ptr&) {});

    auto settings = options()
                        .reconnect(false)
                        .tls(tls_mode::disabled)
                        .allow_plaintext_auth(true)
                        .time_source(world.time)
                        .liveness(std::chrono::milliseconds(0), std::chrono::milliseconds(0));
    connection good(world.executor, "unix:" + socket.string(), std::move(settings));
    int ends = 0;
    detail::spawn(world.executor, count_ends(good.connect(fuzz::account_of_user()), &ends),
                  [](const std::exception_ptr&) {});
    settle(world.context);
    if (!good.connected()) fuzz::fail("no session to disturb");

    std::shared_ptr<byte_stream> link = detail::connect_local(world.executor, socket);
    detail::spawn(world.executor, say(link, beginning_of_program(what), what),
                  [](const std::exception_ptr&) {});
    settle(world.context);
    for (int minute = 0; minute < longest_session.count() && ends == 0; ++minute) {
        world.time->advance(std::chrono::minutes(1));
        settle(world.context);
    }
    owner.stop();
    settle(world.context);
    world.time->advance(std::chrono::minutes(1));
    settle(world.context);
    link->abort();
    settle(world.context);
    if (!stopped) fuzz::fail("a broker without end");
    if (ends != 1) fuzz::fail("a session whose end is not told once");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const plan what(fuzz::as_text(data, size));
    if (what.is_program) {
        run_against_program(what);
    } else {
        run_against_broker(what);
    }
    return 0;
}
