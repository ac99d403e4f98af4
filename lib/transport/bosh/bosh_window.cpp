#include "transport/bosh/bosh_window.hpp"

#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "base/crypto/secret.hpp"
#include "xml/parser/start_tag.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace xmpp::detail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What the server does not say (XEP-0124 sections 7.2 and 12).
constexpr seconds default_polling{5};
constexpr seconds default_inactivity{30};
constexpr milliseconds longest_hasty_delay{10'000};

double random_part() {
    std::array<unsigned char, 2> bytes{};
    random_bytes(bytes);
    return (bytes[0] * 256 + bytes[1]) / 65'535.0;
}

seconds bounded_seconds(std::uint64_t value) {
    constexpr std::uint64_t day = 86'400;
    return seconds(std::min(value, day));
}

std::shared_ptr<const std::string> body_of(std::string text, bool secret) {
    if (!secret) return std::make_shared<const std::string>(std::move(text));
    return {new std::string(std::move(text)), [](std::string* body) {
                wipe(*body);
                delete body;
            }};
}

}  // namespace

std::uint64_t random_bosh_rid() {
    std::array<unsigned char, 8> bytes{};
    random_bytes(bytes);
    std::uint64_t value = 0;
    for (const unsigned char byte : bytes) value = value << 8U | byte;
    constexpr std::uint64_t largest = std::uint64_t{1} << 52U;  // as many again until 2^53
    return value % largest + 1;
}

milliseconds bosh_retry_policy::delay(int repetition) const {
    if (repetition <= 1) return milliseconds(0);
    const int doublings = std::min(repetition - 2, 20);
    const auto full = std::min(cap, base * (1 << doublings));
    const double part = jitter ? jitter() : random_part();
    return full / 2 + milliseconds(static_cast<std::int64_t>(
                          static_cast<double>((full / 2).count()) * std::clamp(part, 0.0, 1.0)));
}

bosh_window::bosh_window(const bosh_settings& settings, std::uint64_t rid, bosh_body_writer first)
    : settings_(settings), first_(std::move(first)) {
    session_.rid = rid;
    session_.wait = settings.wait;
    session_.hold = settings.hold;
    session_.requests = std::max(1, settings.hold + 1);
}

bosh_window::bosh_window(const bosh_settings& settings, const bosh_session& tokens)
    : settings_(settings), session_(tokens), created_(true) {
    settings_.key_sequence = false;  // the chain is not among the tokens
}

void bosh_window::queue(std::string_view element, bool secret) {
    if (secret || secret_) make_room(element.size() + declaration_size(ns::client));
    secret_ = secret_ || secret;
    append_declared(payload_, element, ns::client);
    ends_.push_back(payload_.size());
    sizes_.push_back(element.size());
    given_ += element.size();
}

/// So that what is queued does not move, which would leave a copy behind.
void bosh_window::make_room(std::size_t more) {
    if (payload_.capacity() - payload_.size() >= more) return;
    std::string moved;
    moved.reserve(payload_.size() + more);
    moved += payload_;
    if (secret_) wipe(payload_);
    payload_ = std::move(moved);
}

void bosh_window::restart(std::string to, std::string language) {
    restart_.emplace(std::move(to), std::move(language));
}

void bosh_window::pause(seconds time) {
    if (session_.max_pause.count() > 0) pause_ = std::min(time, session_.max_pause);
}

void bosh_window::terminate() {
    terminate_ = true;
}

std::optional<bosh_request> bosh_window::next(time_point now) {
    if (auto again = repetition(now)) return again;
    return fresh(now);
}

std::optional<bosh_request> bosh_window::repetition(time_point now) {
    for (auto& each : requests_) {
        if (each.now != state::resting || each.due > now) continue;
        each.now = state::open;
        each.sent = now;
        return to_post(each);
    }
    return std::nullopt;
}

std::optional<bosh_request> bosh_window::fresh(time_point now) {
    if (final_sent_) return std::nullopt;
    if (!created_) {
        if (!first_ || terminate_) return std::nullopt;
        auto writer = std::move(*first_);
        first_.reset();
        if (settings_.key_sequence) writer.attr("newkey", *keys_.next().new_key);
        return send(std::move(writer), {}, now);
    }
    if (asked_to_confirm_ && payload_.empty() && unconfirmed()) {
        poke_ = true;
        asked_to_confirm_ = false;
    }
    if (terminate_) {
        // Goes out beyond the limit, as pauses may (XEP-0124 section 12).
        final_sent_ = true;
        auto writer = begin();
        writer.attr("type", "terminate");
        return send(std::move(writer), take_payload(true), now);
    }
    const bool trouble = std::any_of(requests_.begin(), requests_.end(),
                                     [](const request& r) { return r.now == state::resting; });
    if (trouble) return std::nullopt;
    if (pause_) {
        auto writer = begin();
        writer.attr("pause", static_cast<std::uint64_t>(pause_->count()));
        auto posted = send(std::move(writer), {}, now);
        quiet_ = std::exchange(pause_, std::nullopt);
        return posted;
    }
    if (!room()) return std::nullopt;
    if (restart_) {
        auto writer = begin();
        writer.attr("to", restart_->first).attr("xml:lang", restart_->second);
        writer.attr("xmpp:restart", "true").attr("xmlns:xmpp", ns::xbosh);
        restart_.reset();
        return send(std::move(writer), {}, now);
    }
    if (!payload_.empty()) return send(begin(), take_payload(false), now);
    const auto when = poll_time();
    if (!when || *when > now) return std::nullopt;
    if (!requests_.empty()) poke_ = false;
    auto posted = send(begin(), {}, now);
    requests_.back().poll = true;
    return posted;
}

// XEP-0124 section 11: at most `requests` at once, and no id further ahead than that.
int bosh_window::limit() const noexcept {
    return std::max(1, std::min(session_.requests, settings_.window));
}

/// How many requests are left to the server to hold: room for another must remain.
int bosh_window::held() const noexcept {
    if (session_.wait.count() == 0) return 0;
    return std::min(session_.hold, limit() - 1);
}

std::optional<bosh_window::time_point> bosh_window::poll_time() const {
    const int open = static_cast<int>(requests_.size());
    if (quiet_) {
        if (open > 0) return std::nullopt;
        return last_sent_ + milliseconds(*quiet_) * 9 / 10;
    }
    if (held() == 0) {
        if (open > 0) return std::nullopt;
        const auto pause = session_.polling.count() > 0 ? session_.polling : default_polling;
        return last_sent_ + std::min<milliseconds>(pause, keep_alive());
    }
    if (open >= held() + (poke_ ? 1 : 0)) return std::nullopt;
    if (reading_ || poke_) return last_sent_ + hasty_delay();
    if (open > 0) return std::nullopt;
    return last_sent_ + keep_alive();
}

/// Without a request for that long the session is in danger.
milliseconds bosh_window::keep_alive() const {
    const auto known = session_.inactivity.count() > 0 ? session_.inactivity : default_inactivity;
    return milliseconds(known) / 2;
}

/// A server that does not hold requests must not be asked again and again.
milliseconds bosh_window::hasty_delay() const {
    if (hasty_ < 2) return milliseconds(0);
    const milliseconds doubled(seconds(1) * (1 << std::min(hasty_ - 2, 5)));
    return std::min({doubled, longest_hasty_delay, keep_alive()});
}

std::optional<bosh_window::time_point> bosh_window::wake_time() const {
    std::optional<time_point> earliest;
    for (const auto& each : requests_) {
        if (each.now != state::resting) continue;
        earliest = std::min(earliest.value_or(each.due), each.due);
    }
    // While a request rests, no other is sent.
    if (earliest || !created_ || terminate_ || !room()) return earliest;
    return poll_time();
}

bosh_body_writer bosh_window::begin() {
    bosh_body_writer writer(session_.rid);
    writer.attr("sid", session_.sid);
    if (settings_.key_sequence) {
        const auto keys = keys_.next();
        if (keys.key) writer.attr("key", *keys.key);
        if (keys.new_key) writer.attr("newkey", *keys.new_key);
    }
    // The answers that we have; said only where it is not what the id says already (section 9).
    if (settings_.acks && !requests_.empty()) writer.attr("ack", requests_.front().rid - 1);
    return writer;
}

bosh_request bosh_window::send(bosh_body_writer writer, std::string elements, time_point now) {
    request made;
    made.rid = session_.rid++;
    made.body = body_of(writer.around(elements), secret_);
    if (secret_) wipe(elements);
    if (payload_.empty()) secret_ = false;
    made.carried = carried_;
    made.sent = now;
    last_sent_ = now;
    quiet_.reset();
    requests_.push_back(std::move(made));
    // The server is to answer an older one now, which is no haste.
    if (static_cast<int>(requests_.size()) > held()) {
        for (auto& each : requests_) each.poll = false;
    }
    return to_post(requests_.back());
}

bosh_request bosh_window::to_post(const request& which) const {
    return {which.rid, which.body, milliseconds(session_.wait) + settings_.request_margin};
}

/// What fits into one body, one element at least; or everything.
std::string bosh_window::take_payload(bool all) {
    std::size_t count = 0;
    std::size_t size = 0;
    all = all || secret_;  // what is left would move
    while (count < ends_.size() && (all || count == 0 || ends_[count] <= settings_.body_bytes)) {
        size = ends_[count++];
    }
    for (std::size_t i = 0; i < count; ++i) {
        carried_ += sizes_.front();
        sizes_.pop_front();
    }
    if (count == ends_.size()) {
        ends_.clear();
        return std::exchange(payload_, {});
    }
    auto taken = payload_.substr(0, size);
    payload_.erase(0, size);
    ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(count));
    for (auto& end : ends_) end -= size;
    return taken;
}

bosh_window::request* bosh_window::find(std::uint64_t rid) {
    const auto found = std::find_if(requests_.begin(), requests_.end(),
                                    [&](const request& each) { return each.rid == rid; });
    return found == requests_.end() ? nullptr : &*found;
}

void bosh_window::answered(std::uint64_t rid, bosh_response response) {
    auto* const which = find(rid);
    if (!which || which->now == state::answered) return;
    which->now = state::answered;
    which->answer = std::move(response);
    which->failures = 0;
}

bool bosh_window::broken(std::uint64_t rid, time_point now) {
    auto* const which = find(rid);
    if (!which || which->now != state::open) return true;
    if (++which->failures > settings_.retry.max_retries) return false;
    which->now = state::resting;
    which->due = now + settings_.retry.delay(which->failures);
    return true;
}

std::optional<bosh_answer> bosh_window::take() {
    if (requests_.empty() || requests_.front().now != state::answered) return std::nullopt;
    auto& oldest = requests_.front();
    std::optional<bosh_answer> answer(
        bosh_answer{std::move(*oldest.answer), oldest.poll, oldest.sent});
    confirm(answer->response.number("ack", oldest.rid));
    confirm(oldest.rid);
    requests_.pop_front();
    return answer;
}

/// The server has that request, and so all before it.
void bosh_window::confirm(std::uint64_t rid) {
    for (const auto& each : requests_) {
        if (each.rid <= rid) confirmed_ = std::max(confirmed_, each.carried);
    }
}

void bosh_window::learn(const bosh_answer& answer, time_point now) {
    const auto& response = answer.response;
    if (!created_) {
        created_ = true;
        session_.sid = response.attr("sid");
    }
    constexpr std::uint64_t most = 1000;
    const auto small = [&](std::string_view name, int otherwise) {
        const auto value = response.number(name, static_cast<std::uint64_t>(otherwise));
        return static_cast<int>(std::min(value, most));
    };
    const auto time = [&](std::string_view name, seconds otherwise) {
        return bounded_seconds(
            response.number(name, static_cast<std::uint64_t>(otherwise.count())));
    };
    const int hold = small("hold", session_.hold);
    const bool said = !response.attr("hold").empty();
    session_.hold = hold;
    session_.requests = small("requests", said ? hold + 1 : session_.requests);
    session_.wait = time("wait", session_.wait);
    session_.inactivity = time("inactivity", session_.inactivity);
    session_.polling = time("polling", session_.polling);
    session_.max_pause = time("maxpause", session_.max_pause);

    const bool hasty = response.elements.empty() && answer.was_poll &&
                       now - answer.sent < milliseconds(session_.wait) / 2;
    if (!response.elements.empty()) hasty_ = 0;
    if (hasty) ++hasty_;
}

}  // namespace xmpp::detail
