#include "stream/delivery.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "stream/resend.hpp"
#include "xml/parser/markup_scanner.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace xmpp::detail {
namespace {

// After so long without another stanza the server is asked about those before.
constexpr auto patience = std::chrono::seconds(1);

const char* explain(errc outcome) {
    switch (outcome) {
        case errc::resent:
            return "the stream before could not be resumed, and may have carried it already";
        case errc::not_delivered:
            return "the session went on without it";
        default:
            return "the server did not acknowledge it while there was a stream";
    }
}

std::exception_ptr not_acknowledged(errc outcome) {
    return std::make_exception_ptr(error(outcome, explain(outcome)));
}

}  // namespace

struct delivery::waiter {
    waiter(const asio::any_io_executor& executor, std::uint64_t wanted)
        : done(executor), number(wanted) {}

    event done;
    std::uint64_t number;  // changes when the stanza goes into another stream
    std::exception_ptr failure;
};

/// An entry; it ends with this object.
class delivery::waiting {
 public:
    waiting(delivery& owner, std::shared_ptr<waiter> entry)
        : owner_(owner), entry_(std::move(entry)) {
        owner_.waiting_.emplace(entry_->number, entry_);
    }
    ~waiting() { owner_.waiting_.erase(entry_->number); }
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;

 private:
    delivery& owner_;
    std::shared_ptr<waiter> entry_;
};

delivery::delivery(asio::any_io_executor executor, const options& settings, const trace& observers,
                   stanza_counts& counts, std::function<void()> relieved)
    : executor_(std::move(executor)),
      settings_(settings),
      observers_(observers),
      counts_(counts),
      progress_(std::make_shared<event>(executor_)),
      relieved_(std::move(relieved)) {}

void delivery::check_size(std::string_view xml) const {
    if (!is_too_large(xml)) return;
    throw error(errc::stanza_too_large,
                fmt::format("{} bytes, and the server takes {} at most (XEP-0478): send less at "
                            "once, or send a link to it",
                            xml.size(), max_bytes_));
}

std::uint64_t delivery::submit(std::string_view given) {
    const auto xml = trimmed(given);
    if (!is_one_element(xml)) {
        throw error(errc::not_well_formed,
                    "what is sent is one element, from its first tag to its last");
    }
    const auto kind = kind_of(xml);
    const auto number = accept(xml, kind);
    if (kind != stanza_kind::presence || !out_) return number;
    const outgoing_stanza sent{kind, xml, {}};
    held_.learn(sent);
    if (holds_messages()) send_held(held_messages::room_joined_by(sent));
    return number;
}

std::uint64_t delivery::accept(std::string_view xml, stanza_kind kind) {
    check_size(xml);
    const bool keep = kind != stanza_kind::other && (!out_ || counters_.active());
    if (!out_ && !keep) {
        throw error(errc::not_connected, "only stanzas wait for the next stream");
    }
    if (keep) check_room(xml, kind);
    if (out_) out_->push(xml, keep ? outbox::counting::as_stanza : outbox::counting::not_at_all);
    if (kind != stanza_kind::other) ++counts_.sent;
    if (!keep) return 0;
    const outgoing_stanza added{kind, xml, settings_.time_source()->date()};
    const auto number = counters_.keep(added);
    journal([&added](stream_journal& to) { to.sent(added); });
    if (!out_) return number;
    const bool due = counters_.should_ask(static_cast<unsigned>(settings_.max_unacked()));
    if (due || (is_heavy() && !counters_.asking())) {
        ask();
    } else {
        ask_later();
    }
    return number;
}

/// A message may have to be held as those that are; other stanzas may be what those wait for.
void delivery::check_room(std::string_view xml, stanza_kind kind) const {
    const bool may_be_held = kind == stanza_kind::message;
    const auto count = unacked().size() + (may_be_held ? held_.size() : 0);
    const auto bytes = unacked().bytes() + (may_be_held ? held_.bytes() : 0);
    if (count >= settings_.max_unacked_stanzas()) {
        throw error(errc::queue_overflow, fmt::format("{} stanzas wait to be acknowledged; see "
                                                      "options::max_unacked_stanzas",
                                                      count));
    }
    if (bytes + xml.size() > settings_.send_hard()) {
        throw error(errc::queue_overflow,
                    fmt::format("{} bytes wait to be {}; the limit is {}", bytes,
                                out_ ? "acknowledged" : "sent", settings_.send_hard()));
    }
}

bool delivery::congested() const noexcept {
    // Messages that are held wait for a presence, which must not wait for them.
    const bool many = unacked().size() >= settings_.max_unacked_stanzas() &&
                      settings_.when_unacked_full() == when_full::wait;
    return many || is_heavy() || (out_ && out_->full());
}

/// What is kept is worth waiting for an acknowledgement.
bool delivery::is_heavy() const noexcept {
    return unacked().bytes() > settings_.send_high();
}

// XEP-0198 4: `<r/>`.
void delivery::ask() {
    out_->push_anyway(ack_request);
    counters_.asked();
    asked_at_ = settings_.time_source()->now();
    asking_later_.reset();
}

void delivery::ask_later() {
    if (asking_later_ || counters_.asking() || settings_.max_unacked() == 0) return;
    const auto& time = settings_.time_source();
    asking_later_ = time->call_at(executor_, time->now() + patience, [this] {
        asking_later_.reset();
        const bool wanted = out_ && counters_.active() && !counters_.asking() && !settled();
        if (wanted) ask();
    });
}

task<> delivery::acknowledged(std::shared_ptr<delivery> self, std::uint64_t number) {
    if (number < self->counters_.unacked().first()) co_return;
    const auto entry = std::make_shared<waiter>(self->executor_, number);
    const waiting listed(*self, entry);
    if (self->out_ && !self->counters_.asking()) self->ask();
    co_await entry->done.wait();
    if (entry->failure) std::rethrow_exception(entry->failure);
}

task<> delivery::arrived_there(std::shared_ptr<delivery> self) {
    const auto position = self->out_->accepted();
    const auto entry = std::make_shared<waiter>(self->executor_, 0);
    self->unconfirmed_.emplace_back(position, entry);
    co_await entry->done.wait();
    if (entry->failure) std::rethrow_exception(entry->failure);
}

void delivery::confirmed(std::uint64_t given) {
    if (!out_ || !confirming_) return;
    const auto until = out_->arrived(given);
    last_ack_ = settings_.time_source()->now();
    while (!unconfirmed_.empty() && unconfirmed_.front().first <= until) {
        unconfirmed_.front().second->done.set();
        unconfirmed_.pop_front();
    }
}

/// Whoever waits for the stanza of that number, which was handed over last, waits for the transport
/// from here on.
void delivery::wait_for_transport(std::uint64_t number) {
    const auto entry = waiting_.extract(number);
    if (!entry.empty()) unconfirmed_.emplace_back(out_->accepted(), entry.mapped());
}

/// No answer will come any more.
void delivery::end_confirming() {
    confirming_ = false;
    for (const auto& [position, entry] : std::exchange(unconfirmed_, {})) {
        entry->failure = not_acknowledged(errc::delivery_unknown);
        entry->done.set();
    }
}

/// The oldest so many have arrived.
void delivery::arrived(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto number = counters_.unacked().first();
        const bool doubtful = counters_.unacked().front().doubtful;
        counters_.pop();
        settle(number, doubtful ? std::optional(errc::resent) : std::nullopt);
    }
    const auto total = counters_.state().acknowledged;
    if (count > 0) journal([total](stream_journal& to) { to.acknowledged(total); });
    shorten_journal();
    last_ack_ = settings_.time_source()->now();
    progress_->pulse();
}

void delivery::settle(std::uint64_t number, std::optional<errc> failure) {
    if (waiting_.empty()) return;
    const auto place = waiting_.find(number);
    if (place == waiting_.end()) return;
    const auto entry = place->second;
    waiting_.erase(place);
    if (failure) entry->failure = not_acknowledged(*failure);
    entry->done.set();
}

void delivery::settle_all(const std::function<std::exception_ptr(std::uint64_t)>& reason) {
    for (const auto& [number, entry] : std::exchange(waiting_, {})) {
        entry->failure = reason(number);
        entry->done.set();
    }
}

void delivery::renumber(std::uint64_t from, std::uint64_t to) {
    auto entry = waiting_.extract(from);
    if (entry.empty()) return;
    entry.key() = to;
    entry.mapped()->number = to;
    waiting_.insert(std::move(entry));
}

/// The server can have got no more than that.
void delivery::note_handed_over() {
    if (out_) counters_.handed_over_but(out_->stanzas_waiting());
}

void delivery::end(bool closed) {
    note_handed_over();
    for (const auto& each : held_.take_all()) {  // the store keeps them
        settle(each.number, each.doubtful ? errc::delivery_unknown : errc::not_delivered);
    }
    holding_limit_.reset();
    settle_all([this](std::uint64_t number) {
        return not_acknowledged(counters_.was_handed_over(number) ? errc::delivery_unknown
                                                                  : errc::not_delivered);
    });
    close_receipts();
    if (closed) journal([](stream_journal& to) { to.end(); });
    end_confirming();
    asking_later_.reset();
    out_.reset();
    counters_.forget_stream();
    counters_.take();
    progress_->pulse();
}

void delivery::abort(const std::exception_ptr& reason) {
    close_receipts();
    drop_held();
    settle_all([&reason](std::uint64_t) { return reason; });
    // The store is the next connection's from here on; the count of this turn is still to be noted.
    if (noting_) {
        const auto count = counters_.state().handled;
        journal([count](stream_journal& to) { to.handled(count); });
    }
    journal_.reset();
    for (const auto& [position, entry] : std::exchange(unconfirmed_, {})) {
        entry->failure = reason;
        entry->done.set();
    }
    asking_later_.reset();
    progress_->pulse();
}

bool delivery::takes_management(const element& received) {
    if (received.name() == "r") {
        if (counters_.confirmed()) out_->owe_answer();
        answer_falls_short_ = receipts_ && receipts_->size() > 0;
    } else if (received.name() == "a") {
        const bool asked = counters_.asking();
        note_handed_over();
        const auto count = counters_.acknowledge(received.attr("h"));
        arrived(count);
        if (asked) round_trip_ = *last_ack_ - asked_at_;
        // An answer that says nothing new is no reason to ask again at once: a server may send such
        // answers without end.
        if (!waiting_.empty() && count > 0) {
            ask();
        } else if (!settled()) {
            ask_later();
        }
    } else if (received.name() == "enabled") {
        counters_.enabled(received, user_);
        begin_journal();
    } else if (received.name() == "failed" && !counters_.confirmed()) {
        observers_.log(log_level::warning, "the server refuses to acknowledge stanzas");
        counters_.enable_refused();
        counters_.take();
        begin_journal();
        settle_all([](std::uint64_t) {
            return std::make_exception_ptr(
                error(errc::delivery_unknown, "the server refuses to acknowledge stanzas"));
        });
        progress_->pulse();
    } else {
        return false;
    }
    return true;
}

}  // namespace xmpp::detail
