#include <xmpp/connection.hpp>

#include "base/printable.hpp"
#include "session/session.hpp"
#include "transport/open_transport.hpp"

#include <utility>

// Every task is a plain function that forwards to a coroutine over the shared session: the
// connection itself may move or go while the task runs.
namespace xmpp {

using detail::session;

connection::connection(asio::any_io_executor executor, std::string service, options settings)
    : session_(std::make_shared<session>(std::move(executor), std::move(service),
                                         std::move(settings), detail::open_transport)) {}

connection::connection(connection&&) noexcept = default;

connection& connection::operator=(connection&& other) noexcept {
    if (this != &other) {
        if (session_) session_->close();
        session_ = std::move(other.session_);
    }
    return *this;
}

connection::~connection() {
    if (session_) session_->close();
}

async_generator<status> connection::connect(credentials who) {
    return async_generator<status>(session_->connect(std::move(who)));
}

async_generator<status> connection::attach(bosh_session existing) {
    return async_generator<status>(session_->attach(std::move(existing)));
}

async_generator<status> connection::attach() {
    return async_generator<status>(session_->attach_shared());
}

async_generator<status> connection::restore(jid who) {
    return async_generator<status>(session_->restore(who));
}

std::optional<bosh_session> connection::export_session() const {
    return session_->tokens();
}

void connection::pause_requests(std::chrono::seconds time) {
    session_->pause_requests(time);
}

task<void> connection::login(credentials who) {
    return session::login(session_, std::move(who));
}

task<void> connection::bind(std::string resource) {
    return session::bind(session_, std::move(resource));
}

task<void> connection::disconnect(std::string reason) {
    return session::disconnect(session_, std::move(reason));
}

void connection::reset() {
    session_->reset();
}

void connection::set_service(std::string service) {
    session_->set_service(std::move(service));
}

task<void> connection::send(builder stanza) {
    return session::send(session_, std::move(stanza));
}

task<void> connection::send(stanza received) {
    return session::send(session_, builder(received));
}

void connection::enqueue(builder stanza) {
    session_->enqueue(std::move(stanza));
}

task<void> connection::send_acked(builder stanza) {
    return session::send_acked(session_, std::move(stanza));
}

task<bool> connection::drain(std::chrono::milliseconds limit, std::string reason) {
    return session::drain(session_, limit, std::move(reason));
}

void connection::rooms_joined() {
    session_->rooms_joined();
}

void connection::network_available() {
    session_->network_available();
}

bool connection::resumed() const {
    return session_->resumed();
}

xmpp::health connection::health() const {
    return session_->health();
}

task<void> connection::flush() {
    return session::flush(session_);
}

task<stanza> connection::send_iq(builder request) {
    return send_iq(std::move(request), session_->settings().iq_timeout());
}

task<stanza> connection::send_iq(builder request, std::chrono::milliseconds timeout) {
    return session::request(session_, stanza_kind::iq, std::move(request), timeout);
}

task<stanza> connection::send_presence(builder request, std::chrono::milliseconds timeout) {
    return session::request(session_, stanza_kind::presence, std::move(request), timeout);
}

void connection::pause() {
    session_->pause();
}
void connection::resume() {
    session_->resume();
}

async_generator<stanza> connection::stanzas(match which) {
    return async_generator<stanza>(session_->stanza_handlers.subscribe(std::move(which)));
}

handler_id connection::add_handler(match which, std::function<bool(const stanza&)> handler) {
    return session_->stanza_handlers.add(std::move(which), std::move(handler));
}

handler_id connection::add_handler(match which, std::function<task<bool>(stanza)> handler) {
    return session_->stanza_handlers.add(std::move(which), std::move(handler));
}

handler_id connection::add_timed_handler(std::chrono::milliseconds period,
                                         std::function<bool()> handler) {
    const auto id = session_->stanza_handlers.next_id();
    session_->timers.add(id, period, std::move(handler));
    return id;
}

handler_id connection::add_protocol_error_handler(
    protocol which, int code, std::function<void(const protocol_error&)> handler) {
    const auto id = session_->stanza_handlers.next_id();
    session_->protocol_handlers.add(id, which, code, std::move(handler));
    return id;
}

void connection::remove_handler(handler_id id) {
    session_->protocol_handlers.remove(id);
    session_->stanza_handlers.remove(id);
    session_->timers.remove(id);
    session_->status_watchers->remove(id);
}

handler_id connection::on_status(std::function<void(const status&)> observer) {
    const auto id = session_->stanza_handlers.next_id();
    session_->status_watchers->add(id, std::move(observer));
    return id;
}

void connection::on_iq(std::string child_name, std::string ns,
                       std::function<task<builder>(stanza)> responder) {
    session_->on_iq(std::move(child_name), std::move(ns), std::move(responder));
}

std::optional<session_role> connection::role() const {
    return session_->role();
}

void connection::on_role_changed(std::function<void(session_role)> observer) {
    session_->observers.role_changed = std::move(observer);
}

void connection::relinquish() {
    session_->relinquish();
}

void connection::on_foreign_stanza_sent(std::function<void(const element&)> observer) {
    session_->observers.foreign_stanza_sent = std::move(observer);
}

void connection::on_xml_input(std::function<void(const element&)> observer) {
    session_->observers.xml_input = std::move(observer);
}

void connection::on_xml_output(std::function<void(std::string_view)> observer) {
    session_->observers.xml_output = std::move(observer);
}

void connection::on_raw_input(std::function<void(std::string_view)> observer) {
    session_->observers.raw_input = std::move(observer);
}

void connection::on_raw_output(std::function<void(std::string_view)> observer) {
    session_->observers.raw_output = std::move(observer);
}

void connection::on_next_rid(std::function<void(std::uint64_t)> observer) {
    session_->observers.next_rid = std::move(observer);
}

void connection::on_log(std::function<void(log_level, std::string_view)> observer) {
    on_log(log_level::info, std::move(observer));
}

void connection::on_log(log_level threshold,
                        std::function<void(log_level, std::string_view)> observer) {
    session_->observers.log_threshold = threshold;
    if (!observer) {
        session_->observers.log_sink = nullptr;
        return;
    }
    // What others say stays within its line.
    session_->observers.log_sink = [observer = std::move(observer)](log_level level,
                                                                    std::string_view line) {
        observer(level, detail::printable(std::string(line)));
    };
}

const jid& connection::user() const {
    return session_->user();
}
jid connection::authzid() const {
    const auto& told = session_->user();
    return told.empty() ? session_->account() : told.bare();
}
std::string connection::domain() const {
    return std::string(session_->account().domain());
}
std::string connection::service() const {
    return session_->service();
}
bool connection::connected() const {
    return session_->connected();
}
bool connection::authenticated() const {
    return session_->authenticated();
}
bool connection::disconnecting() const {
    return session_->where() == session::phase::closing;
}
bool connection::paused() const {
    return session_->paused();
}
bool connection::restored() const {
    return session_->restored();
}
std::string connection::last_response_headers() const {
    return session_->last_response_headers();
}
bool connection::secure() const {
    return session_->secure();
}
std::optional<stanza> connection::features() const {
    return session_->features();
}
std::optional<xmpp::scram_keys> connection::scram_keys() const {
    return session_->scram_keys();
}
asio::any_io_executor connection::get_executor() const {
    return session_->executor();
}

}  // namespace xmpp
