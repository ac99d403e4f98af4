#include "transport/shared/shared_transport.hpp"

#include <xmpp/error.hpp>

#include "address/received_jid.hpp"
#include "base/crypto/secret.hpp"
#include "transport/shared/shared_failure.hpp"
#include "transport/shared/shared_login.hpp"
#include "transport/transport_settings.hpp"
#include "transport/watched_stream.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

/// What the broker has sent is as large as it lets be; the other limits stay.
xml_limits limits_for(const options& settings) {
    auto limits = limits_of(settings);
    limits.stanza_bytes = most_message_bytes(settings);
    return limits;
}

error gone() {
    return error(errc::connection_lost, "the broker of the shared session has gone");
}

error out_of_place() {
    return error(errc::unexpected_element,
                 "the broker of the shared session sent a message that has no place here");
}

}  // namespace

shared_transport::shared_transport(std::shared_ptr<shared_link> link, const options& settings,
                                   transport_events events, wire_observer& observer)
    : link_(std::move(link)),
      parser_(limits_for(settings)),
      most_bytes_(most_message_bytes(settings)),
      tls_(settings.tls()),
      events_(std::move(events)),
      observer_(observer) {}

shared_transport::~shared_transport() {
    abort();
}

task<> shared_transport::greet() {
    link_->post(shared::hello());
    const auto first = co_await link_->read();
    if (!first) throw gone();
    if (const auto* refused = std::get_if<shared::ended>(&*first)) throw shared::told(*refused);
    const auto* theirs = std::get_if<shared::hello>(&*first);
    if (theirs == nullptr || theirs->magic != shared::hello().magic) throw out_of_place();
    if (theirs->version == shared::protocol_version) co_return;
    throw error(errc::unsupported_version,
                fmt::format("the broker of the shared session speaks version {} and we speak {}: "
                            "start a broker of this version of the library",
                            theirs->version, shared::protocol_version));
}

task<> shared_transport::join(transport_request wanted) {
    tls_ = wanted.settings.tls();
    co_await greet();
    for (const auto& [name, ns] : wanted.responders) add_responder(name, ns);
    if (wanted.who) {
        shared::connect order;
        const bool own_service = wanted.service.scheme != service_scheme::shared;
        if (own_service) order.service = wanted.service.str();
        order.settings = shared::from_options(wanted.settings);
        order.who = shared::from_credentials(*wanted.who);
        order.most_bytes = shared::number_of(most_bytes_);
        // Alone in its block of memory, which is wiped once it is written.
        co_await link_->drained();
        link_->post(order);
        wipe(order.who.secret);
        wipe(order.who.keys);
    } else {
        shared::attach order;
        order.most_bytes = shared::number_of(most_bytes_);
        link_->post(order);
    }
    bool welcome = false;
    while (!welcome) {
        const auto received = co_await link_->read();
        if (!received) throw gone();
        welcome = take_welcome(*received);
    }
}

/// While joining: true when we have.
bool shared_transport::take_welcome(const shared::message& received) {
    if (const auto* why = std::get_if<shared::ended>(&received)) throw shared::told(*why);
    if (std::holds_alternative<shared::authenticating>(received)) {
        if (events_.authenticating) events_.authenticating();
        return false;
    }
    if (std::holds_alternative<shared::ping>(received)) {
        link_->post(shared::pong());
        return false;
    }
    const auto* welcome = std::get_if<shared::welcome>(&received);
    if (welcome == nullptr) throw out_of_place();
    secure_ = welcome->secure != 0;
    require_encryption();
    joined_session joined;
    auto user = received_jid(welcome->user);
    if (!user) throw out_of_place();
    joined.user = std::move(*user);
    if (!welcome->features.empty()) joined.features = stanza::parse(welcome->features);
    joined.fresh = welcome->fresh != 0;
    joined.role = shared::role_of(welcome->role);
    joined_ = std::move(joined);
    return true;
}

void shared_transport::require_encryption() const {
    if (secure_ || tls_ != tls_mode::required) return;
    throw error(errc::stream_not_secure,
                "the session that there is to share is not encrypted, and options::tls requires "
                "that");
}

/// The broker's connection is up again.
void shared_transport::take_back(const shared::back& link) {
    secure_ = link.secure != 0;
    require_encryption();
    joined_session again;
    auto user = received_jid(link.user);
    if (!user) throw out_of_place();
    again.user = std::move(*user);
    if (!link.features.empty()) again.features = stanza::parse(link.features);
    again.fresh = link.first != 0;
    if (events_.link_back) events_.link_back(again, link.resumed != 0);
}

task<std::optional<stanza>> shared_transport::read() {
    while (!over_) {
        if (aborted_) throw std::system_error(asio::error::operation_aborted);
        auto received = co_await link_->read();
        if (!received && farewell_) break;
        if (!received) throw gone();
        auto element = take(std::move(*received));
        if (element) co_return element;
    }
    co_return std::nullopt;
}

/// Once joined: a stanza, or nothing when it was something else.
std::optional<stanza> shared_transport::take(shared::message received) {
    if (const auto* arrived = std::get_if<shared::incoming>(&received)) {
        observer_.bytes_received(arrived->xml);
        parser_.language(arrived->language);
        auto element = parse(arrived->xml);
        observer_.element_received(element);
        return element;
    }
    if (const auto* sent = std::get_if<shared::foreign>(&received)) {
        const auto element = parse(sent->xml);
        if (events_.foreign_stanza_sent) events_.foreign_stanza_sent(element);
    } else if (const auto* link = std::get_if<shared::lost>(&received)) {
        const auto attempt = static_cast<int>(link->attempt);
        if (events_.link_lost) events_.link_lost(shared::told(link->why), attempt);
    } else if (const auto* again = std::get_if<shared::back>(&received)) {
        take_back(*again);
    } else if (const auto* given = std::get_if<shared::role>(&received)) {
        if (events_.role_changed) events_.role_changed(shared::role_of(given->value));
    } else if (std::holds_alternative<shared::ping>(received)) {
        link_->post(shared::pong());
    } else if (const auto* why = std::get_if<shared::ended>(&received)) {
        if (!why->category.empty()) throw shared::told(*why);
        over_ = true;
    } else {
        throw out_of_place();
    }
    return std::nullopt;
}

stanza shared_transport::parse(std::string_view xml) {
    parser_.feed(xml);
    auto element = parser_.next();
    if (!element || !parser_.idle()) throw out_of_place();
    return stanza(std::move(*element));
}

task<> shared_transport::write(const outgoing_batch& batch) {
    std::size_t begin = 0;
    std::size_t handed_over = 0;
    for (const std::size_t end : batch.ends) {
        const auto element = std::string_view(batch.bytes).substr(begin, end - begin);
        begin = end;
        observer_.element_sent(element);
        observer_.bytes_sent(element);
        shared::outgoing message;
        message.xml = element;
        if (element.size() > most_bytes_) {
            throw error(errc::queue_overflow,
                        "the stanza is larger than a shared session takes; see "
                        "options::max_stanza_bytes");
        }
        link_->post(message);
        handed_over += element.size();
        if (handed_over < most_per_write && end != batch.ends.back()) continue;
        handed_over = 0;
        observer_.write_started();
        co_await link_->drained();
        observer_.write_finished();
    }
}

// A program that gets into trouble leaves; only disconnect() ends what the others are part of.
task<> shared_transport::close_stream(std::string) {
    if (farewell_ && !over_) {
        shared::close order;
        order.reason = *farewell_;
        link_->post(order);
    } else {
        link_->finish();
    }
    co_await link_->drained();
}

void shared_transport::abort() noexcept {
    aborted_ = true;  // messages that are here already count no more
    link_->abort();
}

void shared_transport::add_responder(const std::string& name, const std::string& ns) {
    shared::responder ours;
    ours.name = name;
    ours.ns = ns;
    link_->post(ours);
}

void shared_transport::relinquish() {
    link_->post(shared::relinquish());
}

// The session is up when there is a transport: nothing of this happens.
task<stanza> shared_transport::open_stream(stream_header) {
    throw out_of_place();
    co_return stanza::parse({});
}

task<> shared_transport::start_tls() {
    throw out_of_place();
    co_return;
}

}  // namespace xmpp::detail
