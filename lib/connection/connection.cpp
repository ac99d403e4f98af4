#include <xmpp/connection.hpp>

#include "base/printable.hpp"
#include "session/runs.hpp"
#include "transport/open_transport.hpp"

#include <utility>

// Every task is a plain function that forwards to a coroutine over the shared session: the
// connection itself may move or go while the task runs.
namespace xmpp {

using detail::runs;

connection::connection(asio::any_io_executor executor, std::string service, options settings)
    : runs_(std::make_shared<runs>(std::move(executor), std::move(service), std::move(settings),
                                   detail::open_transport)) {}

connection::connection(connection&&) noexcept = default;

connection& connection::operator=(connection&& other) noexcept {
    if (this != &other) {
        if (runs_) runs_->close();
        runs_ = std::move(other.runs_);
    }
    return *this;
}

connection::~connection() {
    if (runs_) runs_->close();
}

async_generator<status> connection::connect(credentials who) {
    return async_generator<status>(runs_->connect(std::move(who)));
}

async_generator<status> connection::attach(bosh_session existing) {
    return async_generator<status>(runs_->attach(std::move(existing)));
}

async_generator<status> connection::attach() {
    return async_generator<status>(runs_->attach_shared());
}

async_generator<status> connection::restore(jid who) {
    return async_generator<status>(runs_->restore(who));
}

task<void> connection::login(credentials who) {
    return runs::login(runs_, std::move(who));
}

task<void> connection::bind(std::string resource) {
    return runs::bind(runs_, std::move(resource));
}

task<void> connection::disconnect(std::string reason) {
    return runs::disconnect(runs_, std::move(reason));
}

void connection::reset() {
    runs_->reset();
}

void connection::set_service(std::string service) {
    runs_->set_service(std::move(service));
}

task<void> connection::send(builder stanza) {
    return runs::send(runs_, std::move(stanza));
}

task<void> connection::send(stanza received) {
    return runs::send(runs_, builder(received));
}

void connection::enqueue(builder stanza) {
    runs_->enqueue(std::move(stanza));
}

task<void> connection::send_acked(builder stanza) {
    return runs::send_acked(runs_, std::move(stanza));
}

task<bool> connection::drain(std::chrono::milliseconds limit, std::string reason) {
    return runs::drain(runs_, limit, std::move(reason));
}

void connection::rooms_joined() {
    runs_->current()->rooms_joined();
}

void connection::network_available() {
    runs_->current()->network_available();
}

bool connection::resumed() const {
    return runs_->current()->login().resumed;
}

xmpp::health connection::health() const {
    return runs_->current()->health();
}

task<void> connection::flush() {
    return runs::flush(runs_);
}

task<stanza> connection::send_iq(builder request) {
    return send_iq(std::move(request), runs_->common().settings.iq_timeout());
}

task<stanza> connection::send_iq(builder request, std::chrono::milliseconds timeout) {
    return runs::request(runs_, stanza_kind::iq, std::move(request), timeout);
}

task<stanza> connection::send_presence(builder request, std::chrono::milliseconds timeout) {
    return runs::request(runs_, stanza_kind::presence, std::move(request), timeout);
}

void connection::pause() {
    runs_->current()->pause();
}
void connection::resume() {
    runs_->current()->resume();
}

async_generator<stanza> connection::stanzas(match which) {
    return async_generator<stanza>(runs_->common().stanza_handlers.subscribe(std::move(which)));
}

handler_id connection::add_handler(match which, std::function<bool(const stanza&)> handler) {
    return runs_->common().stanza_handlers.add(std::move(which), std::move(handler));
}

handler_id connection::add_handler(match which, std::function<task<bool>(stanza)> handler) {
    return runs_->common().stanza_handlers.add(std::move(which), std::move(handler));
}

handler_id connection::add_timed_handler(std::chrono::milliseconds period,
                                         std::function<bool()> handler) {
    const auto id = runs_->common().stanza_handlers.next_id();
    runs_->common().timers.add(id, period, std::move(handler));
    return id;
}

handler_id connection::add_protocol_error_handler(
    protocol which, int code, std::function<void(const protocol_error&)> handler) {
    const auto id = runs_->common().stanza_handlers.next_id();
    runs_->common().protocol_handlers.add(id, which, code, std::move(handler));
    return id;
}

void connection::remove_handler(handler_id id) {
    runs_->remove_handler(id);
}

handler_id connection::on_status(std::function<void(const status&)> observer) {
    const auto id = runs_->common().stanza_handlers.next_id();
    runs_->common().status_watchers->add(id, std::move(observer));
    return id;
}

handler_id connection::on_iq(std::string child_name, std::string ns,
                             std::function<task<builder>(stanza)> responder) {
    return runs_->on_iq(std::move(child_name), std::move(ns), std::move(responder));
}

void connection::on_xml_input(std::function<void(const element&)> observer) {
    runs_->common().observers.xml_input = std::move(observer);
}

void connection::on_xml_output(std::function<void(std::string_view)> observer) {
    runs_->common().observers.xml_output = std::move(observer);
}

void connection::on_raw_input(std::function<void(std::string_view)> observer) {
    runs_->common().observers.raw_input = std::move(observer);
}

void connection::on_raw_output(std::function<void(std::string_view)> observer) {
    runs_->common().observers.raw_output = std::move(observer);
}

void connection::on_log(std::function<void(log_level, std::string_view)> observer) {
    on_log(log_level::info, std::move(observer));
}

void connection::on_log(log_level threshold,
                        std::function<void(log_level, std::string_view)> observer) {
    runs_->common().observers.log_threshold = threshold;
    if (!observer) {
        runs_->common().observers.log_sink = nullptr;
        return;
    }
    // What others say stays within its line.
    runs_->common().observers.log_sink = [observer = std::move(observer)](log_level level,
                                                                          std::string_view line) {
        observer(level, detail::printable(std::string(line)));
    };
}

http_controls connection::http() const {
    return http_controls(runs_);
}
shared_controls connection::shared() const {
    return shared_controls(runs_);
}

std::optional<bosh_session> connection::export_session() const {
    return http().export_session();
}
void connection::pause_requests(std::chrono::seconds time) {
    http().pause_requests(time);
}
void connection::on_next_rid(std::function<void(std::uint64_t)> observer) {
    http().on_next_rid(std::move(observer));
}
std::string connection::last_response_headers() const {
    return http().last_response_headers();
}
std::optional<session_role> connection::role() const {
    return shared().role();
}
void connection::on_role_changed(std::function<void(session_role)> observer) {
    shared().on_role_changed(std::move(observer));
}
void connection::relinquish() {
    shared().relinquish();
}
void connection::on_foreign_stanza_sent(std::function<void(const element&)> observer) {
    shared().on_foreign_stanza_sent(std::move(observer));
}

const jid& connection::user() const {
    return runs_->user();
}
jid connection::authzid() const {
    const auto& told = runs_->user();
    return told.empty() ? runs_->current()->login().account : told.bare();
}
std::string connection::domain() const {
    return std::string(runs_->current()->login().account.domain());
}
std::string connection::service() const {
    return runs_->service();
}
bool connection::connected() const {
    return runs_->current()->connected();
}
bool connection::authenticated() const {
    return runs_->current()->login().authenticated;
}
bool connection::disconnecting() const {
    return runs_->current()->where() == detail::phase::closing;
}
bool connection::paused() const {
    return runs_->current()->paused();
}
bool connection::restored() const {
    return runs_->current()->restored();
}
bool connection::secure() const {
    return runs_->current()->secure();
}
std::optional<stanza> connection::features() const {
    return runs_->current()->login().features;
}
std::optional<xmpp::scram_keys> connection::scram_keys() const {
    return runs_->current()->login().scram_keys;
}
asio::any_io_executor connection::get_executor() const {
    return runs_->common().executor;
}

}  // namespace xmpp
