#include "testing/server/web/bosh_server_session.hpp"

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "transport/tcp/opening_tag.hpp"

#include <asio/error.hpp>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

namespace xmpp::detail::serving {
namespace {

constexpr std::uint64_t longest_wait = 60;  // seconds
constexpr std::uint64_t most_held = 1;
constexpr std::uint64_t most_ahead = 10;
constexpr std::size_t most_remembered = 10;
constexpr std::chrono::seconds inactivity(60);

/// The header that the client would have sent elsewhere.
std::string header_from(const element& body) {
    builder stream("stream");
    for (const auto* name : {"to", "from"}) {
        if (body.has_attr(name)) stream.attr(name, body.attr(name));
    }
    stream.attr("version", "1.0");
    if (const auto lang = body.lang(); !lang.empty()) stream.attr("xml:lang", lang);
    return opening_tag(stream);
}

}  // namespace

struct bosh_server_session::held_request {
    held_request(const asio::any_io_executor& executor, std::uint64_t id, bosh_response content)
        : rid(id), request(std::move(content)), decided(executor) {}

    void decide(std::optional<std::string> with) {
        limit.reset();
        answer = std::move(with);
        decided.set();
    }

    std::uint64_t rid;
    bosh_response request;
    std::optional<std::string> answer;
    event decided;
    std::unique_ptr<clock::timer> limit;
};

std::string bosh_refusal(std::string_view condition) {
    return builder("body", ns::httpbind)
        .attr("type", "terminate")
        .attr("condition", condition)
        .to_xml();
}

bosh_server_session::bosh_server_session(asio::any_io_executor executor,
                                         std::shared_ptr<clock> time, const bosh_response& creation)
    : executor_(std::move(executor)),
      time_(std::move(time)),
      sid_(random_id()),
      wait_(std::min(creation.number("wait", longest_wait), longest_wait)),
      most_held_(std::min(creation.number("hold", most_held), most_held)),
      next_rid_(creation.number("rid", 0)),
      changed_(executor_) {}

task<std::optional<std::string>> bosh_server_session::exchange(
    std::shared_ptr<bosh_server_session> self, bosh_response request) {
    const auto rid = request.number("rid", 0);
    const auto known = self->answered_.find(rid);
    if (known != self->answered_.end()) co_return known->second;
    if (!self->may_come(rid)) {
        self->abort();
        co_return bosh_refusal("item-not-found");
    }
    const auto mine = std::make_shared<held_request>(self->executor_, rid, std::move(request));
    self->put(mine);
    co_await mine->decided.wait();
    co_return mine->answer;
}

/// XEP-0124 section 11: within the window, or a repetition.
bool bosh_server_session::may_come(std::uint64_t rid) const {
    if (aborted_) return false;
    if (rid >= next_rid_) return rid - next_rid_ < most_ahead;
    return std::any_of(held_.begin(), held_.end(), [rid](const held& h) { return h->rid == rid; });
}

void bosh_server_session::put(const held& request) {
    const auto same = std::find_if(held_.begin(), held_.end(), [&request](const held& other) {
        return other->rid == request->rid;
    });
    if (same != held_.end()) {  // the client has given up on the connection of the first
        (*same)->decide(std::nullopt);
        *same = request;
        hold(request);
        return;
    }
    auto& place = early_[request->rid];
    if (place) place->decide(std::nullopt);
    place = request;
    for (auto turn = early_.find(next_rid_); turn != early_.end();
         turn = early_.find(++next_rid_)) {
        held_.push_back(turn->second);
        early_.erase(turn);
        hold(held_.back());
        take(held_.back()->request);
    }
    release();
}

void bosh_server_session::hold(const held& request) {
    request->limit =
        time_->call_at(executor_, time_->now() + wait_, [this, weak = std::weak_ptr(request)] {
            const auto late = weak.lock();
            if (!late) return;
            std::erase(held_, late);
            answer(*late);
            watch_for_inactivity();
        });
}

void bosh_server_session::take(const bosh_response& request) {
    const auto& body = request.body.root();
    if (!begun_ || body.attr("restart", ns::xbosh) == "true") incoming_ += header_from(body);
    begun_ = true;
    for (const auto& each : request.elements) incoming_ += each->to_xml();
    if (request.attr("type") == "terminate") {
        incoming_ += "</stream:stream>";
        client_ended_ = true;
    }
    changed_.pulse();
}

void bosh_server_session::release() {
    while (!held_.empty()) {
        const bool news = header_ || !outgoing_.empty() || ending_;
        if (!news && (!greeted_ || held_.size() <= most_held_)) break;
        const auto oldest = held_.front();
        held_.pop_front();
        answer(*oldest);
    }
    watch_for_inactivity();
    changed_.pulse();
}

/// Of a request that is held no longer.
void bosh_server_session::answer(held_request& request) {
    auto& body = answered_[request.rid];
    body = next_body();
    request.decide(body);
    if (answered_.size() > most_remembered) answered_.erase(answered_.begin());
}

std::string bosh_server_session::next_body() {
    builder body("body", ns::httpbind);
    if (header_ && !greeted_) {
        body.attr("sid", sid_)
            .attr("wait", wait_.count())
            .attr("hold", most_held_)
            .attr("requests", most_held_ + 1)
            .attr("inactivity", inactivity.count())
            .attr("from", (*header_)->attr("from"))
            .attr("authid", (*header_)->attr("id"));
        greeted_ = true;
    }
    header_.reset();
    if (ending_) {
        body.attr("type", "terminate");
        if (!client_ended_) body.attr("condition", "remote-stream-error");
        farewell_out_ = true;
    }
    if (!outgoing_.empty()) body.add(unsafe_xml(std::exchange(outgoing_, {})));
    return std::move(body).take();
}

/// XEP-0124 section 10: a client that asks for nothing any more has gone.
void bosh_server_session::watch_for_inactivity() {
    inactivity_.reset();
    if (!held_.empty() || ending_ || aborted_) return;
    inactivity_ = time_->call_at(executor_, time_->now() + inactivity, [this] { abort(); });
}

task<std::string_view> bosh_server_session::read() {
    handed_out_.clear();
    while (incoming_.empty() && !client_ended_ && !farewell_out_ && !aborted_) {
        co_await changed_.wait();
    }
    if (aborted_) throw std::system_error(asio::error::operation_aborted);
    std::swap(handed_out_, incoming_);
    co_return handed_out_;
}

task<> bosh_server_session::write(std::string_view bytes) {
    if (aborted_) throw error(errc::connection_lost, "the session over HTTP is gone");
    if (bytes.starts_with("<?xml")) out_.reset();
    out_.feed(bytes);
    while (const auto written = out_.next()) queue(*written);
    release();
    while (!outgoing_.empty() && !aborted_) co_await changed_.wait();
}

void bosh_server_session::queue(const stream_event& written) {
    switch (written.kind()) {
        case stream_event_kind::stream_opened:
            header_ = stanza(written.content());
            break;
        case stream_event_kind::stanza_received:
            outgoing_ += written.content().root().to_xml();
            break;
        case stream_event_kind::stream_closed:
            ending_ = true;
            break;
    }
}

void bosh_server_session::end() {
    ending_ = true;
    release();
}

void bosh_server_session::abort() noexcept {
    if (std::exchange(aborted_, true)) return;
    inactivity_.reset();
    for (const auto& each : std::exchange(held_, {})) each->decide(std::nullopt);
    for (const auto& [rid, each] : std::exchange(early_, {})) each->decide(std::nullopt);
    changed_.set();
}

task<> bosh_server_stream::close() {
    session_->end();
    co_return;
}

}  // namespace xmpp::detail::serving
