#include "transport/bosh/bosh_exchange.hpp"

#include "base/spawn.hpp"
#include "xml/parser/document_parser.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

// So many turns of the loop are left to whoever answers what was just read, before an empty request
// goes out in place of the answer.
constexpr int turns_to_answer = 4;

bool worth_repeating(int status) {
    constexpr int request_timeout = 408;
    constexpr int too_many_requests = 429;
    return status >= 500 || status == request_timeout || status == too_many_requests;
}

/// Could the same request succeed next time? `created`: the address has proved to be right.
bool worth_repeating(const error& failure, bool created) {
    const auto& code = failure.code();
    if (code == errc::connection_refused || code == errc::connection_lost ||
        code == errc::unexpected_data) {
        return true;
    }
    return created && (code == errc::host_not_found || code == errc::tls_failure);
}

}  // namespace

bosh_exchange::bosh_exchange(asio::any_io_executor executor, std::shared_ptr<http_client> client,
                             bosh_settings settings, std::shared_ptr<clock> time,
                             wire_observer& observer)
    : executor_(std::move(executor)),
      client_(std::move(client)),
      settings_(std::move(settings)),
      time_(std::move(time)),
      observer_(observer),
      reader_(settings_.limits),
      news_(executor_),
      room_(executor_) {}

void bosh_exchange::create(bosh_body_writer first, std::uint64_t rid) {
    window_.emplace(settings_, rid, std::move(first));
    pump();
}

void bosh_exchange::attach(const bosh_session& tokens) {
    window_.emplace(settings_, tokens);
    window_->poke();
    pump();
}

task<> bosh_exchange::begun(std::shared_ptr<bosh_exchange> self) {
    while (!self->begun_ && !self->over()) co_await self->news_.wait();
    if (self->failure_) std::rethrow_exception(self->failure_);
}

task<std::optional<stanza>> bosh_exchange::read(std::shared_ptr<bosh_exchange> self) {
    for (;;) {
        if (auto next = self->take_next()) {
            if (self->settings_.strip) self->observer_.element_received(*next);
            co_return next;
        }
        if (self->over()) break;
        self->waiting_ = true;
        self->read_soon(turns_to_answer);
        co_await self->news_.wait();
        self->waiting_ = false;
    }
    if (self->failure_) std::rethrow_exception(self->failure_);
    co_return std::nullopt;
}

task<> bosh_exchange::write(std::shared_ptr<bosh_exchange> self, const outgoing_batch& batch) {
    batch.for_each([&](std::string_view element) {
        if (self->settings_.strip) self->observer_.element_sent(element);
        self->window_->queue(element, batch.secret);
    });
    // The next turn: what is written until then leaves in the same body.
    self->pump_soon(1);
    while (!self->over() && self->window_->queued() > self->settings_.body_bytes) {
        co_await self->room_.wait();
    }
    if (self->failure_) std::rethrow_exception(self->failure_);
    if (self->closed_) throw error(errc::connection_lost, "the session over HTTP has ended");
}

task<> bosh_exchange::terminate(std::shared_ptr<bosh_exchange> self) {
    if (self->over() || !self->window_->created()) co_return;
    self->window_->terminate();
    self->pump();
    while (!self->over()) co_await self->news_.wait();
}

void bosh_exchange::restart(std::string to, std::string language) {
    window_->restart(std::move(to), std::move(language));
    pump();
}

void bosh_exchange::pause(std::chrono::seconds time) {
    window_->pause(time);
    pump();
}

void bosh_exchange::ask_to_confirm() {
    window_->ask_to_confirm();
    pump_soon(1);  // with what is written in this turn
}

void bosh_exchange::pump() {
    if (broken_) return;
    timer_.reset();
    if (over()) return;
    while (const auto request = window_->next(time_->now())) {
        post_request(*request);
        if (over()) return;  // a hook may have ended it
    }
    if (window_->queued() <= settings_.body_bytes) room_.pulse();
    if (const auto when = window_->wake_time()) {
        timer_ = time_->call_at(executor_, *when, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->pump();
        });
    }
}

void bosh_exchange::pump_soon(int turns) {
    post(executor_, [weak = weak_from_this(), turns] {
        const auto self = weak.lock();
        if (!self) return;
        turns > 1 ? self->pump_soon(turns - 1) : self->pump();
    });
}

void bosh_exchange::read_soon(int turns) {
    post(executor_, [weak = weak_from_this(), turns] {
        const auto self = weak.lock();
        if (!self || !self->waiting_ || !self->inbox_.empty() || self->over()) return;
        if (turns > 1) return self->read_soon(turns - 1);
        self->window_->reading(true);
        self->pump();
    });
}

void bosh_exchange::post_request(const bosh_request& request) {
    if (settings_.on_tokens && window_->created()) settings_.on_tokens();
    if (over()) return;  // as may be after each call of this kind
    observer_.bytes_sent(*request.body);
    if (!settings_.strip) observer_.element_sent(*request.body);
    ++under_way_;
    spawn(executor_, perform(shared_from_this(), request),
          [self = shared_from_this()](const std::exception_ptr&) {
              --self->under_way_;
              self->fail_if_all_answered();
          });
}

task<> bosh_exchange::perform(std::shared_ptr<bosh_exchange> self, bosh_request request) {
    std::exception_ptr failure;
    try {
        auto response = co_await self->client_->post(request.body, request.limit);
        if (!self->over()) self->arrived(request.rid, std::move(response));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure && !self->over()) self->unanswered(request.rid, failure);
}

void bosh_exchange::arrived(std::uint64_t rid, http_response response) {
    constexpr int ok = 200;
    headers_ = std::move(response.headers);
    observer_.bytes_received(response.body);
    if (over()) return;
    if (response.status != ok) return refused(rid, response.status);
    try {
        auto read = reader_.read(response.body);
        show_received(response.body);
        if (over()) return;
        const auto type = read.attr("type");
        if (type == "error") {
            return repeat(rid, error(errc::connection_lost, "the server asked for a repetition"));
        }
        if (window_->terminating() && type == "terminate") return close();
        if (type == "terminate") {
            deliver();
            auto why = bosh_termination(read);
            inbox_.add(std::move(read), bosh_inbox::content::stanzas);
            return fail(std::move(why));
        }
        const bool final = window_->is_final(rid);
        window_->answered(rid, std::move(read));
        deliver();
        if (final) return close();
        pump();
    } catch (const error&) {
        fail(std::current_exception());
    }
}

void bosh_exchange::show_received(const std::string& body) {
    if (settings_.strip) return;
    auto limits = xml_limits::none();
    limits.stanza_bytes = body.size();  // so that a namespace is not stored more often than sent
    observer_.element_received(stanza(parse_document(body, limits)));
}

/// What has come, and has not failed to be parsed.
std::optional<stanza> bosh_exchange::take_next() {
    try {
        return inbox_.take();
    } catch (const error&) {
        fail(std::current_exception());
        return std::nullopt;
    }
}

void bosh_exchange::deliver() {
    while (!over()) {
        auto answer = window_->take();
        if (!answer) break;
        accept(std::move(*answer));
    }
    if (!inbox_.empty()) window_->reading(false);
    news_.pulse();
}

void bosh_exchange::accept(bosh_answer answer) {
    const auto sid = answer.response.attr("sid");
    if (!window_->created() && sid.empty()) {
        throw error(stream_condition::bad_format, "the answer that begins the session has no sid");
    }
    if (window_->created() && !sid.empty() && sid != window_->tokens().sid) {
        throw error(stream_condition::bad_format, "the answer is for another session");
    }
    window_->learn(answer, time_->now());
    if (!begun_) beginning_ = answer.response.body;
    begun_ = true;
    inbox_.add(std::move(answer.response));
    if (settings_.on_next_rid) settings_.on_next_rid(window_->tokens().rid);
    const auto confirmed = window_->confirmed();
    if (over() || confirmed == told_) return;
    told_ = confirmed;
    if (settings_.on_confirmed) settings_.on_confirmed(confirmed);
}

void bosh_exchange::refused(std::uint64_t rid, int status) {
    auto why = bosh_http_failure(status);
    if (settings_.on_failure) settings_.on_failure(protocol_error(protocol::http, status, why));
    if (over()) return;  // the callback may have ended it
    if (window_->is_final(rid)) return close();
    if (worth_repeating(status)) return repeat(rid, why);
    fail_soon(std::make_exception_ptr(std::move(why)));
}

void bosh_exchange::unanswered(std::uint64_t rid, const std::exception_ptr& why) {
    try {
        std::rethrow_exception(why);
    } catch (const error& failure) {
        if (settings_.on_failure) settings_.on_failure(protocol_error(protocol::http, 0, failure));
        if (over()) return;
        if (window_->is_final(rid)) return close();
        if (worth_repeating(failure, window_->created())) return repeat(rid, failure);
        fail_soon(why);
    } catch (...) {
        fail(why);
    }
}

void bosh_exchange::repeat(std::uint64_t rid, const error& why) {
    if (window_->broken(rid, time_->now())) return pump();
    if (window_->terminating()) return close();
    fail_soon(std::make_exception_ptr(
        error(errc::giving_up,
              fmt::format("posted {} times in vain (options::bosh_retries); the last time: {}",
                          settings_.retry.max_retries + 1, why.what()))));
}

/// Fails for good, but not before the other requests under way are answered, or a while has passed:
/// a server that has ended the session answers one request with the reason and refuses the rest.
void bosh_exchange::fail_soon(std::exception_ptr why) {
    if (over() || broken_) return;
    broken_ = std::move(why);
    timer_ =
        time_->call_at(executor_, time_->now() + settings_.last_answers, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (self) self->fail(self->broken_);
        });
}

void bosh_exchange::fail_if_all_answered() {
    if (broken_ && under_way_ == 0) fail(broken_);
}

/// We wanted the end.
void bosh_exchange::close() noexcept {
    closed_ = true;
    stop();
}

void bosh_exchange::fail(std::exception_ptr why) noexcept {
    if (over()) return;
    failure_ = std::move(why);
    stop();
}

void bosh_exchange::stop() noexcept {
    timer_.reset();
    client_->abort();
    news_.set();
    room_.set();
    if (begun_ && settings_.on_next_rid) settings_.on_next_rid(random_bosh_rid());
}

void bosh_exchange::abort() noexcept {
    fail(std::make_exception_ptr(std::system_error(asio::error::operation_aborted)));
}

}  // namespace xmpp::detail
