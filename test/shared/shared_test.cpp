#include "shared/shared_test.hpp"

#include "base/spawn.hpp"
#include "transport/shared/shared_login.hpp"

#include <utility>

namespace xmpp::test {

using namespace std::chrono_literals;

// What one socket has been given is ready at the other at once, but the context may look for it
// only when it is asked again.
void settle(asio::io_context& context) {
    std::size_t ran = 0;
    int quiet = 0;
    while (quiet < 2) {
        context.restart();
        ran = context.poll();
        quiet = ran == 0 ? quiet + 1 : 0;
    }
}

namespace {

task<> pull_into(async_generator<status> statuses, std::vector<status>* into) {
    while (auto step = co_await statuses.next()) into->push_back(std::move(*step));
}

task<> write(std::shared_ptr<byte_stream> to, std::string bytes) {
    co_await to->write(bytes);
}

std::string body_of(const element& sent) {
    const auto* body = sent.child("body");
    return body ? std::string(body->text()) : std::string();
}

}  // namespace

program::program(asio::io_context& context, std::string service, options settings)
    : context(context) {
    conn.emplace(context.get_executor(), std::move(service), std::move(settings));
    conn->on_role_changed([this](session_role role) { roles.push_back(role); });
    conn->on_foreign_stanza_sent([this](const element& sent) {
        foreign.push_back(std::string(sent.name()) + ":" + body_of(sent));
    });
    conn->add_handler(match().name("message"), [this](const stanza& message) {
        received.push_back(body_of(message.root()));
        return true;
    });
}

void program::connect(credentials who) {
    detail::spawn(context.get_executor(), pull_into(conn->connect(std::move(who)), &steps), ignore);
    settle(context);
}

void program::attach() {
    detail::spawn(context.get_executor(), pull_into(conn->attach(), &steps), ignore);
    settle(context);
}

std::string program::path() const {
    std::string text;
    for (const auto& each : steps) {
        if (!text.empty()) text += ' ';
        text += to_string(each.code);
        if (!each.condition.empty()) text += '(' + each.condition + ')';
    }
    return text;
}

raw_program::raw_program(asio::io_context& context, const std::filesystem::path& socket, bool reads)
    : context_(context), bytes_(detail::connect_local(context.get_executor(), socket)) {
    if (reads) detail::spawn(context.get_executor(), read(bytes_, in_), ignore);
    settle(context_);
}

void raw_program::begin_to_read() {
    detail::spawn(context_.get_executor(), read(bytes_, in_), ignore);
    settle(context_);
}

void raw_program::send_bytes(std::string bytes) {
    detail::spawn(context_.get_executor(), write(bytes_, std::move(bytes)), ignore);
    settle(context_);
}

void raw_program::hang_up() {
    bytes_->abort();
    settle(context_);
}

void raw_program::attach() {
    send(detail::shared::hello());
    send(detail::shared::attach());
}

void raw_program::connect(const credentials& who) {
    send(detail::shared::hello());
    detail::shared::connect order;
    order.who = detail::shared::from_credentials(who);
    order.settings =
        detail::shared::from_options(options().tls(tls_mode::disabled).allow_plaintext_auth(true));
    send(order);
}

task<> raw_program::read(std::shared_ptr<byte_stream> bytes, std::shared_ptr<inbox> in) {
    detail::shared::frame_reader frames(1u << 20);
    for (;;) {
        std::string_view arrived;
        try {
            arrived = co_await bytes->read();
        } catch (const std::system_error&) {
            arrived = {};
        }
        if (arrived.empty()) break;
        frames.feed(arrived);
        while (auto message = frames.next()) in->received.push_back(std::move(*message));
    }
    in->over = true;
}

shared_test::shared_test() {
    peer.time_source(time);
    serve(settings());
}

options shared_test::base() const {
    auto dialer = const_cast<testing::scripted_peer&>(peer).dialer();
    return options().dialer(std::move(dialer)).time_source(time).liveness(0ms, 0ms);
}

broker_options shared_test::settings() const {
    return broker_options().service("xmpp://example.org").connection(base());
}

options shared_test::client_options() const {
    return options()
        .reconnect(false)
        .tls(tls_mode::disabled)
        .allow_plaintext_auth(true)
        .time_source(time)
        .liveness(0ms, 0ms);
}

void shared_test::serve(broker_options changed) {
    owner.reset();
    run_until_idle();
    owner.emplace(context.get_executor(), socket, std::move(changed));
    served = false;
    detail::spawn(context.get_executor(), owner->run(),
                  [this](const std::exception_ptr&) { served = true; });
    run_until_idle();
}

void shared_test::pass(clock::duration period) {
    const auto end = time->now() + period;
    settle(context);
    while (time->next() && *time->next() <= end) {
        time->advance_to_next();
        settle(context);
    }
    time->advance(end - time->now());
    settle(context);
}

program& shared_test::add() {
    programs.push_back(std::make_unique<program>(context, service(), client_options()));
    return *programs.back();
}

void shared_test::share() {
    add().connect();
    add().connect();
    ASSERT_EQ(programs[0]->path(), "CONNECTING AUTHENTICATING CONNECTED");
    ASSERT_EQ(programs[1]->path(), "CONNECTING ATTACHED");
}

void shared_test::TearDown() {
    for (const auto& each : programs) each->conn.reset();
    run_until_idle();
    owner.reset();
    run_until_idle();
    EXPECT_EQ(peer.problems(), "");
    EXPECT_EQ(time->pending(), 0u) << "no appointment is left behind";
}

}  // namespace xmpp::test
