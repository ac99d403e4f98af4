#include "stream/management/stream_management.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/whole_number.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

// Counters are modulo 2^32; half of that tells what is ahead from what is behind.
constexpr std::uint32_t half = std::uint32_t{1} << 31;

bool is_true(std::string_view text) {
    return text == "true" || text == "1";
}

}  // namespace

wrong_handled_count::wrong_handled_count(errc code, std::uint32_t sent, std::uint32_t claimed)
    : error(code, fmt::format("of {} stanzas, {}", sent, claimed)),
      sent_(sent),
      claimed_(claimed) {}

std::string wrong_handled_count::to_xml() const {
    if (code() != errc::handled_count_too_high) return {};
    return builder("handled-count-too-high", ns::sm)
        .attr("h", claimed_)
        .attr("send-count", sent_)
        .to_xml();
}

bool stream_management::should_ask(unsigned every) noexcept {
    if (every == 0 || ++since_asked_ < every) return false;
    since_asked_ = 0;
    return true;
}

// XEP-0198 4.
std::size_t stream_management::acknowledge(std::string_view h) {
    const auto count = whole_number<std::uint32_t>(h);
    if (!count) {
        throw error(stream_condition::bad_format,
                    fmt::format("the server has counted h='{}' stanzas", h));
    }
    const auto handed = static_cast<std::uint32_t>(handed_over_ - unacked_.first());
    const auto sent = state_.acknowledged + handed;
    const std::uint32_t more = *count - state_.acknowledged;
    if (more >= half) throw wrong_handled_count(errc::handled_count_backwards, sent, *count);
    if (more > handed) {
        throw wrong_handled_count(errc::handled_count_too_high, sent, *count);
    }
    state_.acknowledged = *count;
    asking_ = false;
    since_asked_ = 0;
    return more;
}

builder stream_management::answer() const {
    return builder("a", ns::sm).attr("h", state_.handled);
}

builder stream_management::enable(bool resumable, std::chrono::seconds longest) {
    builder request("enable", ns::sm);
    if (resumable) request.attr("resume", "true");
    if (resumable && longest.count() > 0) request.attr("max", longest.count());
    return request;
}

void stream_management::enable_sent() noexcept {
    stop_counting();
    state_ = {};
    sending_ = true;
}

// XEP-0198 3.
void stream_management::enabled(const element& answer, const jid& user) {
    if (!sending_ || receiving_) {
        throw error(errc::unexpected_element, "stream management was not asked for");
    }
    receiving_ = true;
    const bool resumable = is_true(answer.attr("resume")) && answer.attr("max") != "0";
    if (!resumable || answer.attr("id").empty()) return;
    state_.user = user;
    state_.id = answer.attr("id");
    state_.location = answer.attr("location");
}

builder stream_management::resume() const {
    return builder("resume", ns::sm).attr("h", state_.handled).attr("previd", state_.id);
}

// XEP-0198 5.
std::size_t stream_management::resumed(const element& answer) {
    if (answer.attr("previd") != state_.id) {
        throw resumption_failed(errc::unexpected_element, "the server has resumed another stream");
    }
    const auto arrived = acknowledge(answer.attr("h"));
    sending_ = true;
    receiving_ = true;
    return arrived;
}

std::optional<std::size_t> stream_management::resume_refused(const element& answer) {
    if (!answer.has_attr("h")) return std::nullopt;
    return acknowledge(answer.attr("h"));
}

void stream_management::forget_stream() noexcept {
    stop_counting();
    state_ = {};
}

unacked_stanzas stream_management::take() noexcept {
    auto kept = std::exchange(unacked_, {});
    unacked_.begin_at(kept.next());
    handed_over_ = kept.next();
    return kept;
}

void stream_management::restore(stream_state state, unacked_stanzas unacked) {
    stop_counting();
    state_ = std::move(state);
    unacked_ = std::move(unacked);
    handed_over_ = unacked_.next();
}

void stream_management::stop_counting() noexcept {
    sending_ = false;
    receiving_ = false;
    asking_ = false;
    since_asked_ = 0;
}

}  // namespace xmpp::detail
