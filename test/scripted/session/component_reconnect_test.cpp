// A component (XEP-0114) whose link is lost: it resumes nothing, and comes back.
#include "scripted/reconnecting.hpp"

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* domain = "component.example.org";
constexpr const char* from_romeo =
    "<message from='romeo@example.org' to='component.example.org'><body>hi</body></message>";

class reconnecting_component : public reconnecting {
 protected:
    reconnecting_component() {
        peer.component_port();
        configure(lasting(), "component://127.0.0.1");
    }
    static credentials component() { return credentials::component(domain, "secret"); }
};

TEST_F(reconnecting_component, comes_back_with_its_handlers_and_responders) {
    peer.accept_component(domain).send(from_romeo);
    lose()
        .accept_component(domain)
        .send(from_romeo)
        .send(
            "<iq type='get' id='v' from='romeo@example.org' to='component.example.org'>"
            "<query xmlns='jabber:iq:version'/></iq>")
        .expect("<iq type='result' id='v' from='component.example.org' to='romeo@example.org'/>");
    int handled = 0;
    conn->add_handler(match().name("message"), [&handled](const stanza&) { return ++handled > 0; });
    conn->on_iq("query", "jabber:iq:version", [](stanza) -> task<builder> { co_return builder(); });
    start(component());
    pass(2s);
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING CONNECTED "
              "RECONNECTING(connection-lost) AUTHENTICATING CONNECTED");
    EXPECT_FALSE(conn->resumed());
    EXPECT_EQ(handled, 2);
    EXPECT_EQ(conn->health().reconnects, 1u);
}

TEST_F(reconnecting_component, sends_messages_and_no_presence_of_the_time_between) {
    peer.accept_component(domain);
    lose()
        .accept_component(domain)
        .expect(
            "<message to='a@b' from='component.example.org'><body>1</body>"
            "<delay xmlns='urn:xmpp:delay' stamp='*'/></message>")
        .expect("<message to='a@b' from='component.example.org'><body>2</body></message>");
    start(component());
    pass(1ms);
    conn->enqueue(presence("romeo@example.org"));
    conn->enqueue(message("a@b").body("1"));
    pass(2s);
    conn->enqueue(message("a@b").body("2"));
    run_until_idle();
}

TEST_F(reconnecting_component, ends_requests_with_their_session) {
    peer.accept_component(domain)
        .expect(
            "<iq type='get' id='q' from='component.example.org' to='example.org'>"
            "<ping xmlns='urn:xmpp:ping'/></iq>")
        .cut();
    peer.next_connection().accept_component(domain);
    start(component());
    request("q");
    pass(2s);
    EXPECT_TRUE(conn->connected());
    EXPECT_EQ(outcomes["q"], "disconnected");
}

TEST_F(reconnecting_component, is_over_when_its_secret_is_refused) {
    peer.accept_component(domain);
    lose()
        .expect_header("to='component.example.org' from='' version='' xml:lang=''")
        .send_header("id='1'")
        .expect("<handshake>*</handshake>")
        .send(
            "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")
        .expect_close();
    start(component());
    pass(10s);
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING CONNECTED "
              "RECONNECTING(connection-lost) AUTHENTICATING AUTHFAIL(not-authorized) "
              "DISCONNECTED(not-authorized)");
}

}  // namespace
}  // namespace xmpp::test
