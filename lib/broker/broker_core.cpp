#include "broker/broker_core.hpp"

#include "transport/shared/shared_failure.hpp"

#include <asio/error.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace xmpp::detail {

broker_core::broker_core(asio::any_io_executor executor, descriptor listening,
                         broker_options settings)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      listener_(executor_, std::move(listening)),
      changed_(executor_) {}

broker_core::~broker_core() = default;

namespace {

constexpr broker_options::milliseconds shortest_rest{100};
constexpr broker_options::milliseconds longest_rest{5'000};

/// The process, or the system, has no room for another connection now.
bool is_shortage(const std::error_code& failure) {
    const int number = failure.value();
    return failure.category() == asio::error::get_system_category() &&
           (number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM);
}

/// Ends with the coroutine, however that ends.
class closing {
 public:
    explicit closing(broker_core& target) : target_(target) {}
    closing(const closing&) = delete;
    closing& operator=(const closing&) = delete;
    ~closing() { target_.close(); }

 private:
    broker_core& target_;
};

}  // namespace

task<> broker_core::run(std::shared_ptr<broker_core> self) {
    const closing at_the_end(*self);
    if (self->settings_.until_idle()) self->arm_linger();
    auto pause = shortest_rest;
    while (!self->stopping_) {
        std::unique_ptr<byte_stream> accepted;
        std::error_code failure;
        try {
            accepted = co_await self->listener_.accept();
        } catch (const std::system_error& thrown) {
            failure = thrown.code();
        }
        if (self->stopping_) break;
        if (is_shortage(failure)) {
            self->log(log_level::error, "no program can be let in for now: {}", failure.message());
            co_await self->rest(pause);
            pause = std::min(2 * pause, longest_rest);
            continue;
        }
        pause = shortest_rest;
        // One that has gone before it was accepted is no concern of the others.
        if (failure && failure != asio::error::connection_aborted) throw error(failure);
        if (accepted) {
            self->admit(std::move(accepted));
        } else if (!failure) {
            self->log(log_level::warning, "a program of another user was not let in");
        }
    }
    // In bounded time: see options::disconnection_timeout.
    while (!self->closed_ && self->phase_ != phase::idle) co_await self->changed_.wait();
    while (!self->farewells_.empty()) {
        const auto link = self->farewells_.begin()->second.link;
        try {
            co_await link->drained();
        } catch (const std::exception& failure) {
            self->log(log_level::debug, "a program went without hearing why: {}", failure.what());
        }
        std::erase_if(self->farewells_, [&](const auto& each) { return each.second.link == link; });
    }
}

task<> broker_core::rest(broker_options::milliseconds time) {
    const auto alarm = after(time, &broker_core::wake);
    co_await changed_.wait();
}

void broker_core::wake() {
    changed_.pulse();
}

void broker_core::stop() {
    if (stopping_) return;
    stopping_ = true;
    listener_.close();
    const error why(errc::disconnected, "the broker was stopped");
    if (phase_ != phase::idle) {
        end_session({}, shared::tell(why));
    }
    changed_.pulse();
}

void broker_core::close() {
    if (closed_) return;
    closed_ = true;
    stopping_ = true;
    log_sink = nullptr;
    listener_.close();
    probe_timer_.reset();
    linger_timer_.reset();
    for (const auto& [id, client] : std::exchange(clients_, {})) {
        client->where = broker_client::stage::gone;
        client->patience.reset();
        client->link->abort();
    }
    for (const auto& [number, last] : std::exchange(farewells_, {})) last.link->abort();
    conn_.reset();
    phase_ = phase::idle;
    changed_.pulse();
}

void broker_core::tell_roles(std::optional<client_id> before) {
    const auto after = roles_.primary();
    if (after == before) return;
    const auto say = [this](std::optional<client_id> who, session_role role) {
        if (!who || !roles_.contains(*who)) return;
        shared::role message;
        message.value = shared::number_of(role);
        if (const auto client = find(*who)) deliver(*client, shared::encode(message));
    };
    say(before, session_role::secondary);
    say(after, session_role::primary);
}

broker_core::client_ptr broker_core::find(client_id id) const {
    const auto found = clients_.find(id);
    return found == clients_.end() ? nullptr : found->second;
}

std::unique_ptr<clock::timer> broker_core::after(broker_options::milliseconds delay,
                                                 void (broker_core::*action)()) {
    const auto& time = settings_.connection().time_source();
    return time->call_at(executor_, time->now() + delay, [weak = weak_from_this(), action] {
        if (const auto self = weak.lock()) (self.get()->*action)();
    });
}

}  // namespace xmpp::detail
