#include "stream/delivery.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "stream/management/resend.hpp"
#include "xml/parser/markup_scanner.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace xmpp::detail {
namespace {

// After so long without another stanza the server is asked about those before.
constexpr auto patience = std::chrono::seconds(1);

}  // namespace

delivery::delivery(asio::any_io_executor executor, const options& settings, const trace& observers,
                   stanza_counts& counts, std::function<void()> relieved)
    : executor_(std::move(executor)),
      settings_(settings),
      observers_(observers),
      counts_(counts),
      progress_(std::make_shared<event>(executor_)),
      waiters_(executor_),
      inbound_(settings_, [this](std::uint32_t count) { handled(count); }, std::move(relieved)) {}

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
    times_.asked = settings_.time_source()->now();
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
    if (self->out_ && !self->counters_.asking()) self->ask();
    co_await self->waiters_.acknowledged(number);
}

task<> delivery::arrived_there(std::shared_ptr<delivery> self) {
    co_await self->waiters_.confirmed(self->out_->accepted());
}

void delivery::confirmed(std::uint64_t given) {
    if (!out_ || !confirming_) return;
    times_.acknowledged = settings_.time_source()->now();
    waiters_.settle_until(out_->arrived(given));
}

/// No answer will come any more.
void delivery::end_confirming() {
    confirming_ = false;
    waiters_.give_up_confirmations(not_acknowledged(errc::delivery_unknown));
}

/// The oldest so many have arrived.
void delivery::arrived(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto number = counters_.unacked().first();
        const bool doubtful = counters_.unacked().front().doubtful;
        counters_.pop();
        waiters_.settle(number, doubtful ? std::optional(errc::resent) : std::nullopt);
    }
    const auto total = counters_.state().acknowledged;
    if (count > 0) journal([total](stream_journal& to) { to.acknowledged(total); });
    shorten_journal();
    times_.acknowledged = settings_.time_source()->now();
    progress_->pulse();
}

/// The server can have got no more than that.
void delivery::note_handed_over() {
    if (out_) counters_.handed_over_but(out_->stanzas_waiting());
}

void delivery::end(bool closed) {
    note_handed_over();
    settle_held();  // the store keeps them
    waiters_.settle_all([this](std::uint64_t number) {
        return not_acknowledged(counters_.was_handed_over(number) ? errc::delivery_unknown
                                                                  : errc::not_delivered);
    });
    inbound_.close();
    if (closed) journal([](stream_journal& to) { to.end(); });
    end_confirming();
    asking_later_.reset();
    out_.reset();
    counters_.forget_stream();
    counters_.take();
    progress_->pulse();
}

void delivery::abort(const std::exception_ptr& reason) {
    inbound_.close();
    drop_held();
    waiters_.settle_all([&reason](std::uint64_t) { return reason; });
    // The store is the next connection's from here on; the count of this turn is still to be noted.
    if (noting_) {
        const auto count = counters_.state().handled;
        journal([count](stream_journal& to) { to.handled(count); });
    }
    journal_.reset();
    waiters_.give_up_confirmations(reason);
    asking_later_.reset();
    progress_->pulse();
}

bool delivery::takes_management(const element& received) {
    if (received.name() == "r") {
        if (counters_.confirmed()) out_->owe_answer();
        inbound_.asked();
    } else if (received.name() == "a") {
        const bool asked = counters_.asking();
        note_handed_over();
        const auto count = counters_.acknowledge(received.attr("h"));
        arrived(count);
        if (asked) times_.round_trip = *times_.acknowledged - times_.asked;
        // An answer that says nothing new is no reason to ask again at once: a server may send such
        // answers without end.
        if (waiters_.any() && count > 0) {
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
        waiters_.settle_all([](std::uint64_t) {
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
