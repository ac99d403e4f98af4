#include "base/spawn.hpp"
#include "stream/delivery.hpp"
#include "stream/management/resend.hpp"

#include <exception>
#include <set>
#include <string>
#include <utility>

// From one stream to the next, and what a store has of them.
namespace xmpp::detail {
namespace {

/// `asked` as the server would have prepared it; the empty one leaves the choice to the server.
bool is_another(std::string_view asked, const jid& bound) {
    if (asked.empty() || asked == bound.resource()) return false;
    const auto address = jid::parse(bound.bare().str() + "/" + std::string(asked));
    return !address || *address != bound;
}

}  // namespace

void delivery::keep_in_store(const jid& account, std::string_view resource) {
    journal_.emplace(settings_.session_store(), account);
    journal([this, resource](stream_journal& from) {
        auto kept = from.load();
        if (from.left_out() > 0) {
            observers_.log(log_level::warning,
                           "{} records of what is kept can't be read, and are left out",
                           from.left_out());
        }
        if (!kept) return;
        if (!kept->state.id.empty() && is_another(resource, kept->state.user)) {
            observers_.log(log_level::info, "the stream that is kept has another resource");
            kept->state.id.clear();
        }
        observers_.log(log_level::info, "{} is kept, and {} stanzas to be sent again",
                       kept->state.id.empty() ? "no stream" : "a stream",
                       kept->unacked.size() + kept->held.size());
        counters_.restore(std::move(kept->state), std::move(kept->unacked));
        held_ = std::move(kept->held);
    });
}

bool delivery::takes_resumption(const element& answer) {
    const bool refused = answer.name() == "failed";
    std::optional<std::size_t> arrived_too;
    try {
        if (refused) {
            arrived_too = counters_.resume_refused(answer);
        } else {
            arrived_too = counters_.resumed(answer);
        }
    } catch (const wrong_handled_count&) {
        forget_stream();  // or the next attempt would end the same way
        throw;
    } catch (const error& broken) {
        forget_stream();
        throw resumption_failed(broken);
    }
    if (arrived_too) arrived(*arrived_too);
    if (refused) {
        forget_stream();
        certain_ = arrived_too.has_value();
        observers_.log(log_level::info, "the stream could not be resumed");
        return false;
    }
    observers_.log(log_level::info, "the stream was resumed; {} stanzas are sent again",
                   unacked().size());
    return true;
}

void delivery::forget_stream() {
    counters_.forget_stream();
    inbound_.close();
    certain_ = false;
    begin_journal();
}

void delivery::open(std::shared_ptr<outbox> out, opening how, jid user, std::size_t max_bytes) {
    out_ = std::move(out);
    user_ = std::move(user);
    max_bytes_ = max_bytes;
    confirming_ = how == opening::confirmed;
    if (confirming_) out_->keep_marks();
    if (how == opening::resumed) {
        if (!inbound_.is_open()) inbound_.open();  // it is one of an earlier process
        resend();
    } else {
        inbound_.open();
        salvage(how == opening::managed);
    }
    certain_ = false;
    begin_journal();
    if (holds_messages()) limit_holding();
    if (counters_.active() && !settled()) ask();
}

bool delivery::suspects_any() const {
    bool any = false;
    unacked().for_each([&any](const outgoing_stanza& each) { any |= each.suspected; });
    return any;
}

/// Into the same stream: as it was, in its order.
void delivery::resend() {
    leave_out_what_can_not_go();
    const bool careful = suspects_any();
    std::set<std::string> joined;
    unacked().for_each([&](const outgoing_stanza& each) {
        out_->push_anyway(without_sender(each, user_), outbox::counting::as_stanza);
        if (careful) out_->push_anyway(ack_request);
        ++counts_.resent;
        held_.learn(each);
        if (holds_messages()) joined.insert(held_messages::room_joined_by(each));
    });
    for (const auto& room : joined) send_held(room);
}

/// The stream that is resumed has carried it before, so only what is no stanza can't go, and what
/// the server takes no more.
bool delivery::can_go_again(const outgoing_stanza& kept) const noexcept {
    return kept.kind != stanza_kind::other && !is_too_large(kept.xml);
}

/// What was accepted under another limit would end the stream now, each time anew. The server has
/// not counted it, so it can be taken out of what is counted.
void delivery::leave_out_what_can_not_go() {
    bool all = true;
    unacked().for_each([&](const outgoing_stanza& each) { all &= can_go_again(each); });
    if (all) return;
    for (auto kept = counters_.take(); !kept.empty(); kept.pop()) {
        const auto each = kept.front();
        if (can_go_again(each)) {
            waiters_.renumber(kept.first(), counters_.keep(each));
        } else {
            give_up(kept.first(), each, "the server takes no such size now");
        }
    }
}

void delivery::give_up(std::uint64_t number, const outgoing_stanza& kept, std::string_view why) {
    if (!kept.xml.empty()) {  // otherwise it was left out when it was read
        observers_.log(log_level::warning, "a stanza of {} bytes is given up: {}", kept.xml.size(),
                       why);
    }
    waiters_.settle(number, kept.doubtful ? errc::delivery_unknown : errc::not_delivered);
}

/// Into a new stream: messages. Presence is the program's to send anew, and replies to requests
/// would come for nobody.
void delivery::salvage(bool managed) {
    const auto first_unsent = counters_.handed_over_until();
    const bool careful = managed && suspects_any();
    auto kept = counters_.take();
    counters_.forget_stream();
    if (managed) {
        // Otherwise the server would keep a session that nobody comes back to.
        const bool resumable = settings_.reconnect() || journal_;
        const auto request = stream_management::enable(resumable, settings_.resumption_time());
        out_->push_anyway(request.to_xml());
        counters_.enable_sent();
    }
    for (; !kept.empty(); kept.pop()) {
        auto each = kept.front();
        const auto number = kept.first();
        each.doubtful = each.doubtful || (!certain_ && number < first_unsent);
        if (each.kind != stanza_kind::message) {
            waiters_.settle(number, each.doubtful ? errc::delivery_unknown : errc::not_delivered);
            continue;
        }
        if (!can_be_sent(each.xml)) {
            give_up(number, each, "it is not well-formed");
            continue;
        }
        auto xml = for_another_stream(each, user_);
        if (is_too_large(xml))
            xml = without_sender(each, user_);  // its time is what it can do without
        if (is_too_large(xml)) {
            give_up(number, each, "the server takes no such size now");
            continue;
        }
        if (held_.concerns(each)) {
            each.xml = xml;
            held_.add(each, number);
            continue;
        }
        out_->push_anyway(xml, outbox::counting::as_stanza);
        if (careful) out_->push_anyway(ack_request);
        ++counts_.resent;
        if (managed) {
            each.xml = xml;
            waiters_.renumber(number, counters_.keep(each));
        } else if (confirming_) {
            waiters_.wait_for_transport(number, out_->accepted());
        } else {
            waiters_.settle(number, errc::delivery_unknown);
        }
    }
}

void delivery::lost() {
    if (!out_) return;
    note_handed_over();
    const auto unsent = out_->take_waiting();
    if (!counters_.active()) {
        const auto now = settings_.time_source()->date();
        unsent.for_each([&](std::string_view xml) {
            const auto kind = kind_of(xml);
            if (kind != stanza_kind::other) counters_.keep({kind, xml, now});
        });
        begin_journal();
    }
    end_confirming();
    counters_.link_lost();
    asking_later_.reset();
    holding_limit_.reset();
    out_.reset();
    progress_->pulse();
}

void delivery::farewell(std::string_view xml) {
    out_->push(xml, outbox::counting::as_stanza);
    if (counters_.active()) {
        farewell_ = counters_.keep({stanza_kind::presence, xml, settings_.time_source()->date()});
    }
}

/// The server reads in order: it may mean the first that it has not acknowledged. Over the next
/// stream it is asked after each, so that the second time it is certain; then that one is given up,
/// or no session could ever get past it.
void delivery::refused() {
    const bool counted = counters_.active();
    lost();
    if (!counted || settled() || !counters_.was_handed_over(unacked().first())) return;
    if (unacked().front().suspected) {
        give_up(unacked().first(), unacked().front(), "the server has ended two streams over it");
        counters_.pop();
    } else {
        counters_.suspect_first();
    }
    forget_stream();
}

// XEP-0198 6: what the server has sent until now, and what it has got from us.
void delivery::closing() {
    if (!out_ || !counters_.active()) return;
    if (!settled() && unacked().first() != farewell_) ask();
    if (counters_.confirmed()) out_->push_anyway(answer().to_xml());
    asking_later_.reset();
}

/// Once for all that came in this turn.
void delivery::note_handled() {
    if (noting_ || !journal_ || !journal_->begun() || !counts_what_comes()) return;
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
void delivery::journal(const std::function<void(stream_journal&)>& action) {
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
    journal([this](stream_journal& to) { to.begin(counters_.state(), unacked(), held_); });
}

}  // namespace xmpp::detail
