#include "stream/delivery.hpp"

#include <utility>

// Messages that a room takes only from who has joined it in this session.
namespace xmpp::detail {

/// From the beginning of a stream.
void delivery::limit_holding() {
    const auto& time = settings_.time_source();
    holding_limit_ =
        time->call_at(executor_, time->now() + settings_.room_rejoin_timeout(), [this] {
            observers_.log(
                log_level::warning,
                "{} messages to rooms are given up: the program has not joined the rooms "
                "again (options::room_rejoin_timeout)",
                held_.size());
            give_up_held();
        });
}

void delivery::send_held(std::string_view room) {
    const auto taken = held_.take(room);
    if (taken.empty()) return;
    for (const auto& each : taken) {
        if (is_too_large(each.xml)) {
            give_up(each.number, each.message(), "the server takes no such size now");
            continue;
        }
        out_->push_anyway(each.xml, outbox::counting::as_stanza);
        ++counts_.resent;
        if (counters_.active()) {
            waiters_.renumber(each.number, counters_.keep(each.message()));
        } else if (confirming_) {
            waiters_.wait_for_transport(each.number, out_->accepted());
        } else {
            waiters_.settle(each.number, errc::delivery_unknown);
        }
    }
    if (!holds_messages()) holding_limit_.reset();
    begin_journal();
    if (counters_.active()) ask_later();
    progress_->pulse();
}

void delivery::give_up_held() {
    if (!holds_messages()) return;
    settle_held();
    begin_journal();
    progress_->pulse();
}

void delivery::settle_held() {
    for (const auto& each : held_.take_all()) {
        waiters_.settle(each.number, each.doubtful ? errc::delivery_unknown : errc::not_delivered);
    }
    holding_limit_.reset();
}

void delivery::drop_held() {
    held_.take_all();
    holding_limit_.reset();
}

}  // namespace xmpp::detail
