#include "simulation/simulated_client.hpp"

#include <xmpp/xmpp.hpp>

#include "base/spawn.hpp"
#include "base/whole_number.hpp"
#include "simulation/message_shapes.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* account = "juliet@example.org";

task<> watch(async_generator<status> statuses, std::vector<status_code>* into) {
    while (auto step = co_await statuses.next()) into->push_back(step->code);
}

task<> request(connection& conn) {
    const auto question = iq::get("example.org").c("query", "jabber:iq:version");
    co_await conn.send_iq(question);
}

/// How a call may end besides well, when links are lost and servers forget.
bool is_typed(const std::error_code& code) {
    return code == errc::resent || code == errc::disconnected || code == errc::iq_timeout;
}

/// The same of what is larger than the server takes.
bool is_of_size(const std::error_code& code) {
    return code == errc::stanza_too_large || code == errc::not_delivered ||
           code == errc::delivery_unknown;
}

}  // namespace

simulated_client::simulated_client(asio::io_context& context,
                                   std::shared_ptr<testing::virtual_clock> time,
                                   simulated_server& server, std::uint64_t seed)
    : context_(context),
      time_(std::move(time)),
      began_(time_->now()),
      server_(server),
      random_(seed),
      store_(random_() % 2 == 0 ? make_memory_store() : nullptr) {
    start();
}

void simulated_client::start() {
    statuses_.clear();
    auto settings = options()
                        .dialer(server_.dialer())
                        .time_source(time_)
                        .tls(tls_mode::disabled)
                        .allow_plaintext_auth(true)
                        .retry_first_connect(true)
                        .reconnect_backoff(100ms, 5s)
                        .max_retries(1000)
                        .connect_timeout(20s)
                        .liveness(10s, 5s)
                        // enqueue() overtakes what waits for room.
                        .send_queue_bytes(64 << 20, 64 << 20)
                        .max_unacked(static_cast<int>(random_() % 6));
    if (store_) settings.session_store(store_);
    conn_.emplace(context_.get_executor(), "xmpp://example.org", std::move(settings));
    if (shows_log_) show_log();
    conn_->add_handler(match().name("message"), [this](const stanza& received) {
        const auto* body = received->child("body");
        got_.push_back(detail::whole_number<int>(body->text()).value());
        return true;
    });
    detail::spawn(context_.get_executor(),
                  watch(conn_->connect(credentials(account, "secret")), &statuses_),
                  [](const std::exception_ptr&) {});
}

void simulated_client::show_log() {
    shows_log_ = true;
    conn_->on_log(log_level::debug, [this](log_level, std::string_view line) {
        const std::chrono::duration<double> passed = time_->now() - began_;
        fmt::print("{:9.3f} {}\n", passed.count(), line);
    });
}

bool simulated_client::was_up() const {
    return std::count(statuses_.begin(), statuses_.end(), status_code::connected) > 0;
}

void simulated_client::send() {
    if (!was_up()) return;
    auto numbered = draw_message(++sent_, random_);
    // Sent again it has its time, too.
    constexpr std::size_t delay = 100;
    const bool large = numbered.size() + delay > announced_bytes;
    if (large) large_.insert(sent_);
    if (random_() % 3 == 0) {
        run(conn_->send_acked(std::move(numbered)), large);
        return;
    }
    try {
        conn_->enqueue(std::move(numbered));
    } catch (const error& refused) {
        if (!large || refused.code() != errc::stanza_too_large) throw;
    }
}

void simulated_client::ask() {
    if (was_up()) run(request(*conn_));
}

void simulated_client::run(task<> call, bool may_be_given_up) {
    ++waiting_;
    detail::spawn(context_.get_executor(), std::move(call),
                  [this, may_be_given_up](const std::exception_ptr& failure) {
                      note(failure, may_be_given_up);
                  });
    testing::run_until_idle(context_);
}

void simulated_client::note(const std::exception_ptr& failure, bool may_be_given_up) {
    --waiting_;
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::system_error& thrown) {
        if (dying_ && thrown.code() == asio::error::operation_aborted) return;
        if (is_typed(thrown.code())) return;
        if (may_be_given_up && is_of_size(thrown.code())) return;
        surprises_.emplace_back(thrown.what());
    } catch (const std::exception& thrown) {
        surprises_.emplace_back(thrown.what());
    }
}

void simulated_client::crash() {
    if (!store_ || !was_up()) return;
    for (auto steps = random_() % 20; steps > 0; --steps) context_.poll_one();
    crashed_ = true;
    end();
    start();
}

void simulated_client::disconnect() {
    detail::spawn(context_.get_executor(), conn_->disconnect(), [](const std::exception_ptr&) {});
}

void simulated_client::end() {
    dying_ = true;
    conn_.reset();
    testing::run_until_idle(context_);
    dying_ = false;
}

}  // namespace xmpp::test
