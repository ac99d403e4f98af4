#include "session/delivery.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/spawn.hpp"
#include "session/resend.hpp"

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

delivery::delivery(asio::any_io_executor executor, const options& settings, const trace& observers)
    : executor_(std::move(executor)),
      settings_(settings),
      observers_(observers),
      progress_(std::make_shared<event>(executor_)) {}

std::uint64_t delivery::submit(std::string_view xml) {
    const outgoing_stanza added{kind_of(xml), xml, settings_.time_source()->date()};
    const bool keep = added.kind != stanza_kind::other && (!out_ || counters_.active());
    const auto& unacked = counters_.unacked();
    if (!out_ && !keep) {
        throw error(errc::not_connected, "only stanzas wait for the next stream");
    }
    if (keep && unacked.size() >= settings_.max_unacked_stanzas()) {
        throw error(errc::queue_overflow, fmt::format("{} stanzas wait to be acknowledged; see "
                                                      "options::max_unacked_stanzas",
                                                      unacked.size()));
    }
    if (!out_ && unacked.bytes() + xml.size() > settings_.send_hard()) {
        throw error(errc::queue_overflow, fmt::format("{} bytes wait to be sent; the limit is {}",
                                                      unacked.bytes(), settings_.send_hard()));
    }
    if (out_) out_->push(xml);
    ++stanzas_sent_;
    if (!keep) return 0;
    const auto number = counters_.keep(added);
    journal([&added](stream_journal& to) { to.sent(added); });
    if (!out_) return number;
    counters_.handed_over();
    if (counters_.should_ask(static_cast<unsigned>(settings_.max_unacked()))) {
        ask();
    } else {
        ask_later();
    }
    return number;
}

bool delivery::congested() const noexcept {
    const auto& unacked = counters_.unacked();
    const bool many = unacked.size() >= settings_.max_unacked_stanzas() &&
                      settings_.when_unacked_full() == when_full::wait;
    const bool heavy = out_ ? out_->full() : unacked.bytes() > settings_.send_high();
    return many || heavy;
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
    if (failure) entry->failure = std::make_exception_ptr(error(*failure, explain(*failure)));
    entry->done.set();
}

void delivery::settle_all(const std::function<std::exception_ptr(std::uint64_t)>& reason) {
    for (const auto& [number, entry] : std::exchange(waiting_, {})) {
        entry->failure = reason(number);
        entry->done.set();
    }
}

void delivery::begin() {
    counters_.forget_stream();
    counters_.take();
    certain_ = false;
    last_ack_.reset();
    round_trip_.reset();
    journal_.reset();
}

void delivery::keep_in_store(const jid& account) {
    journal_.emplace(settings_.session_store(), account);
    journal([this](stream_journal& from) {
        auto kept = from.load();
        if (!kept) return;
        observers_.log(log_level::info, "a stream of {} is kept, with {} stanzas to be sent again",
                       kept->state.user.str(), kept->unacked.size());
        counters_.restore(std::move(kept->state), std::move(kept->unacked));
    });
}

bool delivery::takes_resumption(const element& answer) {
    if (answer.name() == "failed") {
        const auto arrived_too = counters_.resume_refused(answer);
        certain_ = arrived_too.has_value();
        if (certain_) arrived(*arrived_too);
        observers_.log(log_level::info, "the stream could not be resumed");
        return false;
    }
    try {
        arrived(counters_.resumed(answer));
    } catch (const error&) {
        forget_stream();  // or the next attempt would end the same way
        throw;
    }
    observers_.log(log_level::info, "the stream was resumed; {} stanzas are sent again",
                   unacked().size());
    return true;
}

void delivery::forget_stream() {
    counters_.forget_stream();
    certain_ = false;
}

void delivery::open(std::shared_ptr<outbox> out, opening how, jid user) {
    out_ = std::move(out);
    user_ = std::move(user);
    if (how == opening::resumed) {
        resend();
    } else {
        salvage(how == opening::managed);
    }
    certain_ = false;
    if (counters_.active() && !settled()) ask();
}

/// Into the same stream: as it was, in its order.
void delivery::resend() {
    unacked().for_each([this](const outgoing_stanza& each) {
        out_->push_anyway(without_sender(each));
        ++stanzas_resent_;
    });
    counters_.handed_over();
    begin_journal();
}

/// Into a new stream: messages. Presence is the program's to send anew, and replies to requests
/// would come for nobody.
void delivery::salvage(bool managed) {
    const auto first_new = counters_.unacked().next();
    const auto first_unsent = counters_.handed_over_until();
    auto kept = counters_.take();
    counters_.forget_stream();
    if (managed) {
        // Otherwise the server would keep a session that nobody comes back to.
        const bool resumable = settings_.reconnect() || journal_;
        const auto request = stream_management::enable(resumable, settings_.resumption_time());
        out_->push_anyway(request.to_xml());
        counters_.enable_sent();
    }
    for (auto number = kept.first(); number < first_new; ++number) {
        const auto each = kept.front();
        const bool doubtful = each.doubtful || (!certain_ && number < first_unsent);
        if (each.kind == stanza_kind::message) {
            const auto xml = for_another_stream(each).to_xml();
            out_->push_anyway(xml);
            ++stanzas_resent_;
            if (managed)
                renumber(number, counters_.keep({each.kind, xml, each.accepted, doubtful}));
        }
        if (each.kind != stanza_kind::message || !managed) {
            settle(number, doubtful || each.kind == stanza_kind::message ? errc::delivery_unknown
                                                                         : errc::not_delivered);
        }
        kept.pop();
    }
    counters_.handed_over();
}

void delivery::renumber(std::uint64_t from, std::uint64_t to) {
    auto entry = waiting_.extract(from);
    if (entry.empty()) return;
    entry.key() = to;
    entry.mapped()->number = to;
    waiting_.insert(std::move(entry));
}

void delivery::lost() {
    if (!out_) return;
    const auto unsent = out_->take_waiting();
    if (!counters_.active()) {
        const auto now = settings_.time_source()->date();
        unsent.for_each([&](std::string_view xml) {
            const auto kind = kind_of(xml);
            if (kind != stanza_kind::other) counters_.keep({kind, xml, now});
        });
    }
    counters_.link_lost();
    asking_later_.reset();
    out_.reset();
    progress_->pulse();
}

// XEP-0198 6: what the server has sent until now, and what it has got from us.
void delivery::closing() {
    if (!out_ || !counters_.active()) return;
    if (!settled()) ask();
    if (counters_.confirmed()) out_->push_anyway(answer().to_xml());
    asking_later_.reset();
}

void delivery::end(bool closed) {
    settle_all([this](std::uint64_t number) {
        const auto outcome =
            counters_.was_handed_over(number) ? errc::delivery_unknown : errc::not_delivered;
        return std::make_exception_ptr(error(outcome, explain(outcome)));
    });
    if (closed) journal([](stream_journal& to) { to.end(); });
    asking_later_.reset();
    out_.reset();
    counters_.forget_stream();
    counters_.take();
    progress_->pulse();
}

void delivery::abort(const std::exception_ptr& reason) {
    settle_all([&reason](std::uint64_t) { return reason; });
    asking_later_.reset();
    progress_->pulse();
}

bool delivery::takes(const stanza& received) {
    if (received.kind() == stanza_kind::other) {
        return received->ns() == ns::sm && counters_.active() && takes_management(received.root());
    }
    ++stanzas_received_;
    counters_.received();
    note_handled();
    return false;
}

bool delivery::takes_management(const element& received) {
    if (received.name() == "r") {
        if (counters_.confirmed()) out_->owe_answer();
    } else if (received.name() == "a") {
        const bool asked = counters_.asking();
        arrived(counters_.acknowledge(received.attr("h")));
        if (asked) round_trip_ = *last_ack_ - asked_at_;
        if (!waiting_.empty()) {
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

/// Once for all that came in this turn.
void delivery::note_handled() {
    if (noting_ || !journal_ || !journal_->begun() || !counters_.confirmed()) return;
    noting_ = true;
    post(executor_, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        self->noting_ = false;
        const auto count = self->counters_.state().handled;
        self->journal([count](stream_journal& to) { to.handled(count); });
        self->shorten_journal();
    });
}

/// A store that fails is not asked again.
template <class Action>
void delivery::journal(Action action) {
    if (!journal_) return;
    try {
        action(*journal_);
    } catch (const std::exception& failure) {
        observers_.log(log_level::error, "the stream can't be kept: {}", failure.what());
        journal_.reset();
    }
}

void delivery::shorten_journal() {
    if (journal_ && journal_->begun() && journal_->is_long(unacked())) begin_journal();
}

void delivery::begin_journal() {
    if (!counters_.resumable()) return;
    journal([this](stream_journal& to) { to.begin(counters_.state(), unacked()); });
}

}  // namespace xmpp::detail
