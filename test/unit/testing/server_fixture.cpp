#include "server_fixture.hpp"

#include "base/crypto/base64.hpp"
#include "testing/xml_pattern.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::testing {
namespace {

task<> dial_into(dialer_function dialer, std::unique_ptr<byte_stream>* into) {
    *into = co_await dialer("example.test", 5222);
}

task<> open_stream(raw_client& client, std::string domain, std::vector<stanza>* features) {
    co_await client.open(std::move(domain));
    co_await client.header();
    features->push_back(co_await client.element());
}

task<> read_into(raw_client& client, std::vector<stanza>* into) {
    into->push_back(co_await client.element());
}

task<> wait_for_close(raw_client& client, bool* into) {
    *into = co_await client.closed();
}

}  // namespace

server_fixture::server_fixture() : server_fixture(plain_settings()) {}

server_fixture::server_fixture(server_options settings)
    : server_(std::make_unique<server>(context_.get_executor(), settings.time_source(time_))) {}

server_fixture::~server_fixture() = default;

server_options server_fixture::plain_settings() {
    return server_options()
        .tls(tls_mode::disabled)
        .user("juliet", "juliet")
        .user("romeo", "romeo")
        .user("nurse", "nurse")
        .echo("echo");
}

raw_client& server_fixture::dial(dialer_function dialer) {
    std::unique_ptr<byte_stream> bytes;
    run_task(dial_into(std::move(dialer), &bytes));
    clients_.push_back(std::make_unique<raw_client>(context_.get_executor(), std::move(bytes)));
    return *clients_.back();
}

raw_client& server_fixture::connect() {
    return dial(server_->dialer());
}

raw_client& server_fixture::connect_directly() {
    return dial(server_->direct_tls_dialer());
}

stanza server_fixture::open(raw_client& client, std::string domain) {
    std::vector<stanza> features;
    run_task(open_stream(client, std::move(domain), &features));
    return features.at(0);
}

raw_client& server_fixture::log_in(const std::string& user, const std::string& resource) {
    auto& client = connect();
    open(client);
    const std::string nul(1, '\0');
    write(client, fmt::format("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
                              "{}</auth>",
                              detail::base64_encode(nul + user + nul + user)));
    expect(client, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    open(client);
    write(client, fmt::format("<iq type='set' id='bind'><bind "
                              "xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                              "<resource>{}</resource></bind></iq>",
                              resource));
    expect(client, fmt::format("<iq type='result' id='bind'><bind "
                               "xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                               "<jid>{}@example.test/{}</jid></bind></iq>",
                               user, resource));
    return client;
}

raw_client& server_fixture::come_online(const std::string& user, const std::string& resource,
                                        const std::string& presence) {
    auto& client = log_in(user, resource);
    write(client, presence);
    const auto own = next(client);
    EXPECT_EQ(own->name(), "presence") << "the own presence comes back first";
    return client;
}

void server_fixture::write(raw_client& client, std::string xml) {
    run_task(client.write(std::move(xml)));
}

stanza server_fixture::next(raw_client& client) {
    std::vector<stanza> elements;
    run_task(read_into(client, &elements));
    return elements.at(0);
}

void server_fixture::expect(raw_client& client, std::string pattern) {
    const detail::xml_pattern wanted(std::move(pattern));
    const auto got = next(client);
    EXPECT_EQ(wanted.mismatch(got.root()), "")
        << "  got:      " << got->to_xml() << "\n  expected: " << wanted.text();
}

void server_fixture::expect_nothing(raw_client& client) {
    write(client,
          "<iq type='get' id='still-there' to='example.test'>"
          "<ping xmlns='urn:xmpp:ping'/></iq>");
    expect(client, "<iq type='result' id='still-there' to='*' from='example.test'/>");
}

void server_fixture::expect_stream_error(raw_client& client, std::string_view condition) {
    expect(client, fmt::format("<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                               "</stream:error>",
                               condition));
    expect_closed(client);
}

void server_fixture::expect_closed(raw_client& client) {
    bool closed = false;
    run_task(wait_for_close(client, &closed));
    EXPECT_TRUE(closed) << "the connection ended without a closing tag";
}

}  // namespace xmpp::testing
