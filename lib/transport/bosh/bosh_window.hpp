#pragma once

#include <xmpp/clock.hpp>

#include "transport/bosh/bosh_body.hpp"
#include "transport/bosh/bosh_keys.hpp"
#include "transport/bosh/bosh_settings.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::detail {

/// A request id to begin with: from the random generator, and far from 2^53 (XEP-0124 section 14).
std::uint64_t random_bosh_rid();

/// What to post.
struct bosh_request {
    std::uint64_t rid;
    std::shared_ptr<const std::string> body;  // the same each time it is repeated
    std::chrono::milliseconds limit;          // without an answer for that long, it is broken
};

/// An answer whose turn has come.
struct bosh_answer {
    bosh_response response;
    bool was_poll;  // the server was to hold the request until it had something for us
    clock::time_point sent;
};

/// Which request is sent when (XEP-0124), without I/O and without a clock: what happens is told by
/// calls, what is to be done is asked for by next().
///
/// Each body keeps its request id and its bytes however often it is repeated; answers are taken in
/// the order of the ids, in whatever order they come. So stanzas are delivered once and in order.
class bosh_window {
 public:
    using time_point = clock::time_point;

    /// A session to be created; `attributes` of the first request besides those that all have.
    bosh_window(const bosh_settings& settings, std::uint64_t rid, bosh_body_writer first);
    /// A session that exists.
    bosh_window(const bosh_settings& settings, const bosh_session& tokens);

    /// One element for the server, without the content namespace. `secret`: no copy may be left in
    /// memory once the server has it.
    void queue(std::string_view element, bool secret = false);
    /// Opens the stream anew (XEP-0206 section 5).
    void restart(std::string to, std::string language);
    /// Asks the server to wait that long for the next request (XEP-0124 section 10). Until there is
    /// something to send, none is made but to keep the session.
    void pause(std::chrono::seconds time);
    /// Ends the session with what is queued; no request is made after it.
    void terminate();
    /// While somebody reads, `hold` requests are kept open; without, only what keeps the session.
    void reading(bool on) { reading_ = on; }
    /// Sends one empty request more than reading() would, so that the server answers the other.
    void poke() { poke_ = true; }
    /// The same while a request that carries something has no answer yet.
    void ask_to_confirm() { asked_to_confirm_ = true; }
    /// So many bytes of elements, ever, were in requests that the server is known to have: those
    /// that were answered, and those before the one that an answer acknowledges.
    std::uint64_t confirmed() const noexcept { return confirmed_ - std::min(confirmed_, base_); }
    /// Those bytes are counted from here on.
    void count_from_here() noexcept { base_ = given_; }

    /// The next request to post now; call it until there is none.
    std::optional<bosh_request> next(time_point now);
    /// When to call next() even if nothing happens before.
    std::optional<time_point> wake_time() const;

    /// An answer with HTTP status 200.
    void answered(std::uint64_t rid, bosh_response response);
    /// No usable answer. \returns false when the request was repeated often enough
    bool broken(std::uint64_t rid, time_point now);
    /// The next answer in the order of the requests.
    std::optional<bosh_answer> take();
    /// What the answer just taken says about the session, and whether it had anything for us.
    void learn(const bosh_answer& answer, time_point now);

    /// The session as it is now.
    const bosh_session& tokens() const noexcept { return session_; }
    bool created() const noexcept { return created_; }
    bool terminating() const noexcept { return terminate_; }
    /// Is that the request that ends the session?
    bool is_final(std::uint64_t rid) const noexcept {
        return final_sent_ && rid + 1 == session_.rid;
    }
    /// Bytes that no request has taken yet.
    std::size_t queued() const noexcept { return payload_.size(); }
    std::size_t in_flight() const noexcept { return requests_.size(); }

 private:
    enum class state { open, resting, answered };

    struct request {
        std::uint64_t rid;
        std::shared_ptr<const std::string> body;
        std::uint64_t carried;  // bytes of elements, ever, with what it has
        std::optional<bosh_response> answer;
        time_point sent;
        time_point due;  // while resting
        int failures = 0;
        state now = state::open;
        bool poll = false;
    };

    std::optional<bosh_request> repetition(time_point now);
    std::optional<bosh_request> fresh(time_point now);
    bosh_request send(bosh_body_writer writer, std::string elements, time_point now);
    bosh_body_writer begin();
    std::string take_payload(bool all);
    void make_room(std::size_t more);
    void confirm(std::uint64_t rid);
    bool unconfirmed() const noexcept { return confirmed_ < carried_; }
    int limit() const noexcept;
    int held() const noexcept;
    bool room() const noexcept { return static_cast<int>(requests_.size()) < limit(); }
    /// When an empty request may be sent; nothing while there is no use for one.
    std::optional<time_point> poll_time() const;
    std::chrono::milliseconds keep_alive() const;
    std::chrono::milliseconds hasty_delay() const;
    bosh_request to_post(const request& which) const;
    request* find(std::uint64_t rid);

    bosh_settings settings_;
    bosh_session session_;
    bosh_keys keys_;
    std::optional<bosh_body_writer> first_;
    std::deque<request> requests_;  // by rid; the first is the oldest without an answer taken
    std::string payload_;
    bool secret_ = false;                                         // in payload_
    std::deque<std::size_t> ends_;                                // of the elements in it
    std::deque<std::size_t> sizes_;                               // as they were given
    std::optional<std::pair<std::string, std::string>> restart_;  // to, language
    std::optional<std::chrono::seconds> pause_;
    std::optional<std::chrono::seconds> quiet_;  // the pause that the server has been asked for
    // Bytes of elements, as they were given, ever: in all, in requests, in those that have arrived,
    // and when counting began.
    std::uint64_t given_ = 0;
    std::uint64_t carried_ = 0;
    std::uint64_t confirmed_ = 0;
    std::uint64_t base_ = 0;
    time_point last_sent_{};
    int hasty_ = 0;  // answers with nothing in them that came at once, in a row
    bool created_ = false;
    bool reading_ = false;
    bool poke_ = false;
    bool asked_to_confirm_ = false;
    bool terminate_ = false;
    bool final_sent_ = false;
};

}  // namespace xmpp::detail
