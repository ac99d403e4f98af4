// see-other-host (RFC 6120 4.9.3.19): what is followed, and where it leads.
#include "base/event.hpp"
#include "base/spawn.hpp"
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <fmt/format.h>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* to_other_host = "REDIRECT(see-other-host) AUTHENTICATING CONNECTED";

std::string see_other(std::string_view target) {
    return fmt::format(
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{}"
        "</see-other-host></stream:error>",
        target);
}

class redirect : public session_test {
 protected:
    /// Sent elsewhere in place of features.
    testing::scripted_peer& sent_to(std::string_view target) {
        return peer.expect_header().send_header().send(see_other(target)).expect_close();
    }
};

TEST_F(redirect, before_the_login_is_followed) {
    sent_to("other.example.org:5299")
        .next_connection("other.example.org", 5299)
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_host));
    EXPECT_NE(conn->service().find("//other.example.org:5299"), std::string::npos);
    const auto& step = this->step(status_code::redirect);
    EXPECT_FALSE(step.error) << "nothing went wrong";
    ASSERT_TRUE(step.detail);
    EXPECT_EQ(step.detail->root().name(), "error");
    EXPECT_NE(step.text.find("other.example.org:5299"), std::string::npos);
    peer.cut();
    run_until_idle();
    EXPECT_EQ(conn->service(), default_service()) << "the next session begins at the original";
}

TEST_F(redirect, an_address_on_a_line_of_its_own_is_followed) {
    sent_to("\n    other.example.org:5299\n  ")
        .next_connection("other.example.org", 5299)
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_host));
}

TEST_F(redirect, after_the_login_is_followed) {
    offer(peer, plain_features)
        .expect(plain_auth)
        .send(success)
        .expect_header()
        .send_header()
        .send(see_other("other.example.org"))
        .expect_close()
        .next_connection("other.example.org", default_port())
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING AUTHENTICATING {}", to_other_host));
}

TEST_F(redirect, the_other_host_is_addressed_by_the_original_domain) {
    sent_to("other.example.net").next_connection().expect_header("to='example.org'");
    peer.send_header("from='other.example.net'").features(plain_features).expect_close();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-host) CONNFAIL(host-mismatch) "
              "DISCONNECTED(host-mismatch)");
}

TEST_F(redirect, of_an_established_session_is_followed) {
    peer.accept_login(juliet)
        .send(see_other("other.example.org"))
        .expect_close()
        .next_connection("other.example.org", default_port())
        .accept_login(juliet)
        .expect("<message to='a@b'><body>here</body></message>");
    start();
    EXPECT_EQ(path(), fmt::format("{} {}", up, to_other_host));
    EXPECT_TRUE(conn->connected());
    run(conn->send(message("a@b").body("here")));
    run_until_idle();
}

TEST_F(redirect, the_service_is_asked_first_by_the_next_session) {
    sent_to("other.example.org")
        .next_connection("other.example.org", default_port())
        .accept_login(juliet);
    start();
    peer.cut().next_connection("example.org", default_port()).accept_login(juliet);
    run_until_idle();
    start();
    EXPECT_EQ(path(),
              fmt::format("CONNECTING {} DISCONNECTED(connection-lost) {}", to_other_host, up));
}

TEST_F(redirect, the_connect_address_is_not_for_the_other_host) {
    configure(settings().connect_address("127.0.0.1:15222"));
    peer.next_connection("127.0.0.1", 15222);
    sent_to("other.example.org")
        .next_connection("other.example.org", default_port())
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_host));
}

TEST_F(redirect, requests_end_and_all_else_lives_on) {
    peer.accept_login(juliet)
        .expect(ping_request)
        .send(see_other("other.example.org"))
        .expect_close()
        .next_connection()
        .accept_login(juliet)
        .send(
            "<message from='a@b'><body>1</body></message>"
            "<iq type='get' id='v' from='a@b'><query xmlns='jabber:iq:version'/></iq>")
        .expect("<iq type='result' id='v' to='a@b'/>");
    int handled = 0;
    int subscribed = 0;
    std::error_code request;
    conn->add_handler(match().name("message"), [&handled](const stanza&) { return ++handled > 0; });
    conn->on_iq("query", "jabber:iq:version", [](stanza) -> task<builder> { co_return builder(); });
    const auto ignore = [](const std::exception_ptr&) {};
    detail::spawn(context.get_executor(),
                  count_messages(conn->stanzas(match().name("message")), &subscribed), ignore);
    start();
    detail::spawn(context.get_executor(), note_request(*conn, &request), ignore);
    run_until_idle();
    EXPECT_EQ(request, errc::disconnected);
    EXPECT_EQ(handled, 1);
    EXPECT_EQ(subscribed, 1);
    EXPECT_EQ(path(), fmt::format("{} {}", up, to_other_host));
}

task<builder> answer_when(detail::event& decided) {
    co_await decided.wait();
    co_return builder();
}

TEST_F(redirect, a_late_answer_to_a_request_of_the_old_link_is_dropped) {
    detail::event decided(context.get_executor());
    conn->on_iq("query", "jabber:iq:version", [&decided](stanza) { return answer_when(decided); });
    peer.accept_login(juliet)
        .send("<iq type='get' id='v' from='a@b'><query xmlns='jabber:iq:version'/></iq>")
        .send(see_other("other.example.org"))
        .expect_close()
        .next_connection()
        .accept_login(juliet)
        .expect("<message to='a@b'><body>first</body></message>");
    start();
    EXPECT_EQ(path(), fmt::format("{} {}", up, to_other_host));
    decided.set();
    run_until_idle();
    run(conn->send(message("a@b").body("first")));
    run_until_idle();
}

TEST_F(redirect, nothing_is_accepted_on_the_way) {
    peer.accept_login(juliet).send(see_other("other.example.org")).expect_close();
    peer.next_connection().stall();
    start();
    EXPECT_EQ(path(), fmt::format("{} REDIRECT(see-other-host)", up));
    EXPECT_FALSE(conn->connected());
    EXPECT_FALSE(conn->authenticated());
    EXPECT_THROW(conn->enqueue(message("a@b")), error);
    run(conn->disconnect("enough"));
    run_until_idle();
    EXPECT_EQ(path(),
              fmt::format("{} REDIRECT(see-other-host) DISCONNECTING(enough) DISCONNECTED", up));
}

TEST_F(redirect, a_pause_goes_on_at_the_other_host) {
    peer.accept_login(juliet).expect("<message to='a@b'><body>go</body></message>");
    start();
    run(conn->send(message("a@b").body("go")));
    conn->pause();
    peer.send(see_other("other.example.org")).expect_close().next_connection().accept_login(juliet);
    peer.expect_nothing(10s).expect("<message to='a@b'><body>held</body></message>");
    run_until_idle();
    ASSERT_TRUE(conn->connected());
    EXPECT_TRUE(conn->paused());
    conn->enqueue(message("a@b").body("held"));
    pass(11s);
    conn->resume();
    run_until_idle();
}

TEST_F(redirect, the_resource_that_the_program_chose_is_bound_again) {
    configure(settings().explicit_resource_binding(true));
    peer.accept_login("juliet@example.org")
        .send(see_other("other.example.org"))
        .expect_close()
        .next_connection()
        .accept_login("juliet@example.org");
    start();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING BINDREQUIRED");
    run(conn->bind("chamber"));
    run_until_idle();
    EXPECT_EQ(path(),
              fmt::format("CONNECTING AUTHENTICATING BINDREQUIRED CONNECTED {}", to_other_host));
    EXPECT_EQ(conn->user(), jid("juliet@example.org/chamber"));
}

TEST_F(redirect, while_a_resource_is_awaited_asks_for_it_again) {
    configure(settings().explicit_resource_binding(true));
    offer_to_bind(peer)
        .send(see_other("other.example.org"))
        .expect_close()
        .next_connection("other.example.org", default_port())
        .accept_login("juliet@example.org");
    start();
    EXPECT_EQ(path(),
              "CONNECTING AUTHENTICATING BINDREQUIRED REDIRECT(see-other-host) AUTHENTICATING "
              "BINDREQUIRED");
    run(conn->bind("chamber"));
    EXPECT_TRUE(conn->connected());
}

TEST_F(redirect, not_followed_after_disconnect) {
    peer.accept_login(juliet)
        .expect("<presence type='unavailable'/>")
        .send(see_other("other.example.org"))
        .expect_close();
    start();
    run(conn->disconnect());
    run_until_idle();
    EXPECT_EQ(path(), fmt::format("{} DISCONNECTING DISCONNECTED", up));
}

TEST_F(redirect, to_a_host_that_refuses_is_a_connfail) {
    sent_to("other.example.org").refuse_connection();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-host) CONNFAIL(connection-refused) "
              "DISCONNECTED(connection-refused)");
}

TEST_F(redirect, the_time_limit_is_for_the_whole_way) {
    peer.expect_header().send_header().expect_nothing(20s).send(see_other("other.example.org"));
    peer.expect_close().next_connection().stall();
    const auto begin = time->now();
    run_session();
    EXPECT_EQ(time->now() - begin, 30s);
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-host) CONNTIMEOUT(connect-timeout) "
              "DISCONNECTED(connect-timeout)");
}

task<> note_flush(connection& conn, std::error_code* code) {
    *code = co_await code_of(conn.flush());
}

TEST_F(redirect, an_old_link_that_does_not_take_the_farewell_is_left_behind) {
    configure(settings().disconnection_timeout(2s));
    peer.streams(testing::memory_stream_options().capacity(400));
    peer.accept_login(juliet);
    start();
    const auto begin = time->now();
    conn->enqueue(message("a@b").body(std::string(2000, 'x')));
    std::error_code flushed;
    detail::spawn(context.get_executor(), note_flush(*conn, &flushed),
                  [](const std::exception_ptr&) {});
    run_until_idle();
    peer.send(see_other("other.example.org")).next_connection().accept_login(juliet);
    pass(1s);
    EXPECT_FALSE(conn->connected());
    pass(2s);
    EXPECT_TRUE(conn->connected());
    EXPECT_EQ(path(), fmt::format("{} {}", up, to_other_host));
    EXPECT_LE(time->now() - begin, 3s);
    EXPECT_EQ(flushed, errc::disconnected);
}

TEST_F(redirect, a_limit_of_zero_follows_none_before_connected) {
    configure(settings().max_redirects(0));
    sent_to("other.example.org");
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(see-other-host) DISCONNECTED(see-other-host)");
}

TEST_F(redirect, a_limit_of_zero_follows_none_after_connected) {
    configure(settings().max_redirects(0));
    peer.accept_login(juliet).send(see_other("other.example.org")).expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(see-other-host) DISCONNECTED(see-other-host)", up));
}

class endless_redirect : public redirect, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(endless_redirect, between_two_hosts_stops_at_the_limit) {
    peer.streams(testing::memory_stream_options().max_read(GetParam()));
    configure(settings().max_redirects(3));
    sent_to("b.example.org").next_connection("b.example.org", default_port());
    sent_to("a.example.org").next_connection("a.example.org", default_port());
    sent_to("b.example.org").next_connection("b.example.org", default_port());
    sent_to("a.example.org");
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-host) REDIRECT(see-other-host) "
              "REDIRECT(see-other-host) CONNFAIL(too-many-redirects) "
              "DISCONNECTED(too-many-redirects)");
    EXPECT_EQ(steps.back().error, errc::too_many_redirects);
    EXPECT_TRUE(steps.back().detail);
}

TEST_P(endless_redirect, only_redirects_since_connected_count) {
    peer.streams(testing::memory_stream_options().max_read(GetParam()));
    configure(settings().max_redirects(1));
    for (int i = 0; i < 3; ++i) {
        peer.accept_login(juliet).send(see_other("b.example.org")).expect_close().next_connection();
    }
    sent_to("a.example.org");
    run_session();
    EXPECT_EQ(path(), fmt::format("{0} {1} {1} REDIRECT(see-other-host) "
                                  "CONNFAIL(too-many-redirects) DISCONNECTED(too-many-redirects)",
                                  up, to_other_host));
}

INSTANTIATE_TEST_SUITE_P(reads, endless_redirect,
                         ::testing::Values(std::size_t{1}, std::size_t{65536}));

struct target_case {
    const char* name;
    const char* target;
    const char* host;  // null: refused
    std::uint16_t port;
};

void PrintTo(const target_case& row, std::ostream* out) {
    *out << row.name;
}

class redirect_target : public redirect,
                        public ::testing::WithParamInterface<std::tuple<target_case, std::size_t>> {
};

TEST_P(redirect_target, is_understood_or_refused) {
    const auto& [row, max_read] = GetParam();
    peer.streams(testing::memory_stream_options().max_read(max_read));
    sent_to(row.target);
    if (row.host) {
        peer.next_connection(row.host, row.port).accept_login(juliet);
        start();
        EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_host));
        return;
    }
    run_session();
    EXPECT_EQ(path(), "CONNECTING CONNFAIL(bad-format) DISCONNECTED(bad-format)");
    EXPECT_EQ(steps.back().error, errc::bad_format);
    EXPECT_TRUE(steps.back().detail);
}

INSTANTIATE_TEST_SUITE_P(
    targets, redirect_target,
    ::testing::Combine(
        ::testing::Values(
            target_case{"host", "other.example.org", "other.example.org", 0},
            target_case{"host_and_port", "other.example.org:80", "other.example.org", 80},
            target_case{"v4", "192.0.2.7", "192.0.2.7", 0},
            target_case{"v6", "[2001:db8::7]", "2001:db8::7", 0},
            target_case{"v6_and_port", "[2001:db8::7]:5223", "2001:db8::7", 5223},
            target_case{"empty", "", nullptr, 0}, target_case{"only_a_port", ":5222", nullptr, 0},
            target_case{"no_port", "other.example.org:", nullptr, 0},
            target_case{"port_zero", "other.example.org:0", nullptr, 0},
            target_case{"port_too_high", "other.example.org:99999", nullptr, 0},
            target_case{"port_with_letters", "other.example.org:52x", nullptr, 0},
            target_case{"line_feed", "other.example.org&#10;", "other.example.org", 0},
            target_case{"space", " other.example.org", "other.example.org", 0},
            target_case{"tab_inside", "other&#9;example.org", nullptr, 0},
            target_case{"delete_character", "other&#127;.example.org", nullptr, 0},
            target_case{"bare_v6", "2001:db8::7", nullptr, 0},
            target_case{"v6_unclosed", "[2001:db8::7", nullptr, 0},
            target_case{"no_v6_in_brackets", "[other.example.org]", nullptr, 0},
            target_case{"path", "other.example.org/x", nullptr, 0},
            target_case{"url", "xmpp://other.example.org", nullptr, 0}),
        ::testing::Values(std::size_t{1}, std::size_t{65536})),
    [](const auto& info) {
        return fmt::format("{}_{}", std::get<0>(info.param).name,
                           std::get<1>(info.param) == 1 ? "bytewise" : "whole");
    });

TEST_F(redirect, of_an_established_session_is_an_error) {
    peer.accept_login(juliet).send(see_other("")).expect_close();
    run_session();
    EXPECT_EQ(path(), fmt::format("{} ERROR(bad-format) DISCONNECTED(bad-format)", up));
}

class secure_redirect : public redirect, public ::testing::WithParamInterface<std::size_t> {
 protected:
    secure_redirect() { peer.streams(testing::memory_stream_options().max_read(GetParam())); }

    options secure() const { return settings().tls(tls_mode::required).ca_pem(authority.ca_pem()); }
    testing::certificate issue(const char* domain) const {
        return authority.issue(testing::certificate_request::for_server(domain));
    }

    testing::test_authority authority;
    testing::certificate identity = issue("example.org");
};

TEST_P(secure_redirect, before_tls_is_not_believed) {
    for (const auto mode : {tls_mode::required, tls_mode::optional}) {
        steps.clear();
        configure(settings().tls(mode));
        if (mode == tls_mode::optional) peer.next_connection();
        sent_to("evil.example");
        run_session();
        EXPECT_EQ(path(),
                  "CONNECTING CONNFAIL(untrusted-redirect) DISCONNECTED(untrusted-redirect)");
        EXPECT_EQ(steps.back().error, errc::untrusted_redirect);
    }
}

TEST_P(secure_redirect, of_a_plain_session_is_not_believed) {
    configure(settings().tls(tls_mode::optional));
    peer.accept_login(juliet).send(see_other("evil.example")).expect_close();
    run_session();
    EXPECT_EQ(path(),
              fmt::format("{} ERROR(untrusted-redirect) DISCONNECTED(untrusted-redirect)", up));
}

TEST_P(secure_redirect, wants_the_certificate_of_the_original_domain) {
    configure(secure());
    peer.accept_tls(identity);
    sent_to("other.example.org")
        .next_connection("other.example.org", 5222)
        .accept_tls(identity)
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_host));
    EXPECT_TRUE(conn->secure());
}

TEST_P(secure_redirect, refuses_the_certificate_of_the_other_host_only) {
    configure(secure());
    peer.accept_tls(identity);
    sent_to("other.example.net").next_connection("other.example.net", 5222);
    peer.expect_header()
        .send_header()
        .features(starttls_features)
        .expect(starttls)
        .send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        .expect_tls_failure(issue("other.example.net"));
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-host) CONNFAIL(name-mismatch) "
              "DISCONNECTED(name-mismatch)");
    EXPECT_EQ(steps.back().error, certificate_errc::name_mismatch);
}

TEST_P(secure_redirect, from_an_encrypted_link_wants_tls_even_where_it_is_optional) {
    configure(secure().tls(tls_mode::optional));
    peer.accept_tls(identity);
    sent_to("other.example.org").next_connection();
    offer(peer, plain_features).expect_close();
    run_session();
    EXPECT_EQ(path(),
              "CONNECTING REDIRECT(see-other-host) CONNFAIL(tls-unavailable) "
              "DISCONNECTED(tls-unavailable)");
}

TEST_P(secure_redirect, from_direct_tls_leads_to_direct_tls) {
    configure(secure(), "xmpps://example.org");
    peer.tls_handshake(identity);
    sent_to("other.example.org")
        .next_connection("other.example.org", 5223)
        .tls_handshake(identity)
        .accept_login(juliet);
    start();
    EXPECT_EQ(path(), fmt::format("CONNECTING {}", to_other_host));
    EXPECT_EQ(conn->service(), "xmpps://other.example.org:5223");
}

INSTANTIATE_TEST_SUITE_P(reads, secure_redirect,
                         ::testing::Values(std::size_t{1}, std::size_t{65536}));

}  // namespace
}  // namespace xmpp::test
