#include "base/spawn.hpp"
#include "session/delivery.hpp"
#include "session/resend.hpp"

#include <exception>
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

void delivery::begin() {
    journal_.reset();
    forget_stream();
    counters_.take();
    max_bytes_ = stream_limits::any_size;
    last_ack_.reset();
    round_trip_.reset();
}

void delivery::keep_in_store(const jid& account, std::string_view resource) {
    journal_.emplace(settings_.session_store(), account);
    journal([this, resource](stream_journal& from) {
        auto kept = from.load();
        if (!kept) return;
        if (!kept->state.id.empty() && is_another(resource, kept->state.user)) {
            observers_.log(log_level::info, "the stream that is kept has another resource");
            kept->state.id.clear();
        }
        observers_.log(log_level::info, "{} is kept, and {} stanzas to be sent again",
                       kept->state.id.empty() ? "no stream" : "a stream", kept->unacked.size());
        counters_.restore(std::move(kept->state), std::move(kept->unacked));
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
    } catch (const error&) {
        forget_stream();  // or the next attempt would end the same way
        throw;
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
        resend();
    } else {
        salvage(how == opening::managed);
    }
    certain_ = false;
    begin_journal();
    if (counters_.active() && !settled()) ask();
}

/// Into the same stream: as it was, in its order.
void delivery::resend() {
    leave_out_too_large();
    unacked().for_each([this](const outgoing_stanza& each) {
        out_->push_anyway(without_sender(each, user_));
        ++stanzas_resent_;
    });
    counters_.handed_over();
}

/// What was accepted under another limit would end the stream now, each time anew. The server has
/// not counted it, so it can be taken out of what is counted.
void delivery::leave_out_too_large() {
    bool all_fit = true;
    unacked().for_each([&](const outgoing_stanza& each) { all_fit &= !is_too_large(each.xml); });
    if (all_fit) return;
    for (auto kept = counters_.take(); !kept.empty(); kept.pop()) {
        const auto each = kept.front();
        if (is_too_large(each.xml)) {
            give_up(kept.first(), each.xml.size(), each.doubtful);
        } else {
            renumber(kept.first(), counters_.keep(each));
        }
    }
}

void delivery::give_up(std::uint64_t number, std::size_t size, bool doubtful) {
    observers_.log(log_level::warning,
                   "a stanza of {} bytes is left out: the server takes {} at most now", size,
                   max_bytes_);
    settle(number, doubtful ? errc::delivery_unknown : errc::not_delivered);
}

/// Into a new stream: messages. Presence is the program's to send anew, and replies to requests
/// would come for nobody.
void delivery::salvage(bool managed) {
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
    for (; !kept.empty(); kept.pop()) {
        const auto each = kept.front();
        const auto number = kept.first();
        const bool doubtful = each.doubtful || (!certain_ && number < first_unsent);
        if (each.kind != stanza_kind::message) {
            settle(number, doubtful ? errc::delivery_unknown : errc::not_delivered);
            continue;
        }
        auto xml = for_another_stream(each, user_).to_xml();
        if (is_too_large(xml))
            xml = without_sender(each, user_);  // its time is what it can do without
        if (is_too_large(xml)) {
            give_up(number, xml.size(), doubtful);
            continue;
        }
        out_->push_anyway(xml);
        ++stanzas_resent_;
        if (managed) {
            renumber(number, counters_.keep({each.kind, xml, each.accepted, doubtful}));
        } else if (confirming_) {
            wait_for_transport(number);
        } else {
            settle(number, errc::delivery_unknown);
        }
    }
    counters_.handed_over();
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
        begin_journal();
    }
    end_confirming();
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
    journal([this](stream_journal& to) { to.begin(counters_.state(), unacked()); });
}

}  // namespace xmpp::detail
