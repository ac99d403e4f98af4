#include "stream/link_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr auto never = clock::time_point::max();

// Once a second keeps no server from what it wants, and no processor awake.
constexpr auto shortest_silence = options::milliseconds(1'000);

/// How long we may be silent where the server waits that long: what breaks the silence takes its
/// time on the way, so a quarter is left to it.
options::milliseconds well_before(std::chrono::seconds patience) {
    if (patience.count() == 0) return options::milliseconds(0);
    return std::max(options::milliseconds(patience) * 3 / 4, shortest_silence);
}

}  // namespace

link_watch::link_watch(asio::any_io_executor executor, const options& settings, wire_observer& next,
                       link_keeper& keeper, traffic& counts)
    : executor_(std::move(executor)),
      clock_(settings.time_source()),
      soft_(settings.liveness_soft()),
      hard_(settings.liveness_hard()),
      write_timeout_(settings.write_timeout()),
      keepalive_(settings.whitespace_keepalive()),
      next_(next),
      keeper_(keeper),
      counts_(counts) {}

void link_watch::established(std::chrono::seconds server_patience) {
    established_ = true;
    longest_silence_ = well_before(server_patience);
    received_at_ = clock_->now();
    wrote_at_ = received_at_;
    if (soft_.count() > 0) look_at(received_at_ + soft_);
    if (keepalive_.count() > 0) look_at(wrote_at_ + keepalive_);
    if (longest_silence_.count() > 0) look_at(wrote_at_ + longest_silence_);
}

void link_watch::resume() {
    suspended_ = false;
    asked_ = false;
    received_at_ = clock_->now();
    if (established_ && soft_.count() > 0) look_at(received_at_ + soft_);
}

void link_watch::probe() {
    if (!established_ || stopped_ || asked_ || soft_.count() <= 0) return;
    asked_ = true;
    asked_at_ = clock_->now();
    keeper_.ask();
    look_at(asked_at_ + hard_);
}

void link_watch::stop() noexcept {
    stopped_ = true;
    timer_.reset();
}

void link_watch::bytes_received(std::string_view bytes) {
    received_at_ = clock_->now();
    asked_ = false;
    counts_.last_received = received_at_;
    counts_.bytes_received += bytes.size();
    next_.bytes_received(bytes);
}

void link_watch::bytes_sent(std::string_view bytes) {
    counts_.bytes_sent += bytes.size();
    next_.bytes_sent(bytes);
}

void link_watch::write_started() {
    writing_ = true;
    wrote_at_ = clock_->now();
    if (write_timeout_.count() > 0) look_at(wrote_at_ + write_timeout_);
}

/// Most calls find a look that is early enough.
void link_watch::look_at(time_point when) {
    if (stopped_ || when == never || (timer_ && next_look_ <= when)) return;
    next_look_ = when;
    timer_ = clock_->call_at(executor_, when, [this] { look(); });
}

void link_watch::look() {
    timer_.reset();
    const auto now = clock_->now();
    auto next = look_at_writing(now);
    if (!stopped_) next = std::min(next, look_at_liveness(now));
    if (!stopped_) {
        next = std::min(next, look_at_silence_of_ours(now, longest_silence_, &link_keeper::ask));
        next = std::min(next, look_at_silence_of_ours(now, keepalive_, &link_keeper::keep_alive));
    }
    look_at(next);
}

link_watch::time_point link_watch::look_at_writing(time_point now) {
    if (!writing_ || write_timeout_.count() <= 0) return never;
    const auto due = wrote_at_ + write_timeout_;
    if (due > now) return due;
    stop();
    keeper_.give_up(error(errc::write_timeout,
                          fmt::format("nothing could be written for {} ms: the server does not "
                                      "read, or the link is dead",
                                      write_timeout_.count())));
    return never;
}

link_watch::time_point link_watch::look_at_liveness(time_point now) {
    if (!established_ || suspended_ || soft_.count() <= 0) return never;
    const auto due = asked_ ? asked_at_ + hard_ : received_at_ + soft_;
    if (due > now) return due;
    if (!asked_) {
        asked_ = true;
        asked_at_ = now;
        keeper_.ask();
        return now + hard_;
    }
    if (keeper_.still_asking()) {
        // Behind a long write. Should that be stuck, it has a time limit of its own.
        asked_at_ = now;
        return now + hard_;
    }
    stop();
    keeper_.give_up(error(
        errc::server_silent,
        fmt::format("not a byte for {} ms, nor an answer to a ping for {} ms",
                    std::chrono::duration_cast<options::milliseconds>(now - received_at_).count(),
                    hard_.count())));
    return never;
}

link_watch::time_point link_watch::look_at_silence_of_ours(time_point now,
                                                           options::milliseconds limit,
                                                           void (link_keeper::*speak)()) {
    if (!established_ || limit.count() <= 0) return never;
    if (writing_ || keeper_.still_asking()) return now + limit;
    const auto due = wrote_at_ + limit;
    if (due > now) return due;
    (keeper_.*speak)();
    return now + limit;
}

}  // namespace xmpp::detail
