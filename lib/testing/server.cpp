#include <xmpp/testing/server.hpp>

#include "testing/server/server_core.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::testing {

using detail::serving::server_core;
using entrance = server_core::entrance;

namespace {

dialer_function dialer_of(const std::shared_ptr<server_core>& core, entrance begin) {
    return [weak = std::weak_ptr<server_core>(core), begin](std::string, std::uint16_t) {
        return server_core::dial(weak.lock(), begin);
    };
}

options options_for(const std::shared_ptr<server_core>& core, entrance begin) {
    const bool disabled = core->tls() == tls_mode::disabled && begin != entrance::direct_tls;
    options made;
    made.ca_pem(core->ca_pem());
    made.tls(disabled ? tls_mode::disabled : tls_mode::required).allow_plaintext_auth(disabled);
    if (const auto port = core->port(begin)) {
        made.connect_address(fmt::format("127.0.0.1:{}", port));
    } else {
        made.dialer(dialer_of(core, begin));
    }
    return made;
}

/// Where a connection finds one of the web services: `scheme` is ws or http.
std::string url_of(const server_core& core, entrance begin, std::string_view scheme,
                   std::string_view path) {
    const std::string_view secure = core.tls() == tls_mode::disabled ? "" : "s";
    const auto port = core.port(begin);
    const auto host = port ? fmt::format("127.0.0.1:{}", port) : core.domain().name;
    return fmt::format("{}{}://{}{}", scheme, secure, host, path);
}

}  // namespace

server_options& server_options::domain(std::string name) {
    domain_ = std::move(name);
    return *this;
}

server_options& server_options::user(std::string name, std::string password) {
    users_.emplace_back(std::move(name), std::move(password));
    return *this;
}

server_options& server_options::mechanisms(std::vector<std::string> names) {
    mechanisms_ = std::move(names);
    return *this;
}

server_options& server_options::tls(tls_mode mode) {
    tls_ = mode;
    return *this;
}

server_options& server_options::identity(certificate certificate_and_key) {
    identity_ = std::move(certificate_and_key);
    return *this;
}

server_options& server_options::echo(std::string name) {
    echo_ = std::move(name);
    return *this;
}

server_options& server_options::max_stanza_bytes(std::size_t value) {
    max_stanza_bytes_ = value;
    return *this;
}

server_options& server_options::queue_bytes(std::size_t value) {
    queue_bytes_ = value;
    return *this;
}

server_options& server_options::time_source(std::shared_ptr<clock> value) {
    clock_ = std::move(value);
    return *this;
}

server::server(asio::any_io_executor executor, server_options settings)
    : core_(std::make_shared<server_core>(std::move(executor), settings)) {}

server::~server() {
    core_->close();
}

void server::start() {
    core_->start();
}

void server::stop() {
    core_->stop();
}

std::uint16_t server::port() const noexcept {
    return core_->port(entrance::starttls);
}

std::uint16_t server::direct_tls_port() const noexcept {
    return core_->port(entrance::direct_tls);
}

std::uint16_t server::ws_port() const noexcept {
    return core_->port(entrance::websocket);
}

std::uint16_t server::http_port() const noexcept {
    return core_->port(entrance::http);
}

std::string server::ws_url() const {
    return url_of(*core_, entrance::websocket, "ws", "/xmpp-websocket");
}

std::string server::http_url() const {
    return url_of(*core_, entrance::http, "http", "/http-bind");
}

dialer_function server::dialer() const {
    return dialer_of(core_, entrance::starttls);
}

dialer_function server::direct_tls_dialer() const {
    return dialer_of(core_, entrance::direct_tls);
}

const std::string& server::domain() const noexcept {
    return core_->domain().name;
}

const std::string& server::ca_pem() const noexcept {
    return core_->ca_pem();
}

options server::client_options() const {
    return options_for(core_, entrance::starttls);
}

options server::direct_tls_options() const {
    return options_for(core_, entrance::direct_tls);
}

options server::ws_client_options() const {
    return options_for(core_, entrance::websocket);
}

options server::http_client_options() const {
    return options_for(core_, entrance::http);
}

void server::add_user(const std::string& name, std::string password) {
    auto& domain = core_->domain();
    domain.users.add(jid(fmt::format("{}@{}", name, domain.name)), std::move(password));
}

void server::on_stanza(std::function<bool(const stanza& received, const jid& from)> hook) {
    core_->domain().hook = std::move(hook);
}

std::size_t server::send(const builder& element) {
    const auto& sessions = core_->domain().sessions;
    const jid to(element.to());
    auto recipients = sessions.of(to);
    if (!to.is_bare()) std::erase_if(recipients, [&](auto& s) { return s->address != to; });
    for (const auto& recipient : recipients) recipient->deliver(element);
    return recipients.size();
}

std::vector<jid> server::sessions() const {
    std::vector<jid> addresses;
    for (const auto& session : core_->domain().sessions.all()) {
        addresses.push_back(session->address);
    }
    return addresses;
}

bool server::cut(const jid& full) {
    const auto session = core_->domain().sessions.find(full);
    if (session) session->abort();
    return session != nullptr;
}

bool server::end_session(const jid& full, stream_condition reason) {
    const auto session = core_->domain().sessions.find(full);
    if (session) session->end(reason);
    return session != nullptr;
}

}  // namespace xmpp::testing
