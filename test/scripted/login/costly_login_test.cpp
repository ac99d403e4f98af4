// Logins whose proof takes long to compute: PBKDF2 with as many iterations as a server likes.
#include "base/spawn.hpp"
#include "scripted/login/let_in.hpp"
#include "scripted/reconnecting.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* sha512_features =
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-512</mechanism>"
    "</mechanisms>";
constexpr std::uint32_t iterations = 100'000;

class costly_login : public reconnecting {
 protected:
    static detail::sasl::server_settings known(std::string salt) {
        detail::sasl::server_settings settings;
        settings.password = [](std::string_view) { return std::optional<std::string>("secret"); };
        settings.offered.mechanisms = {"SCRAM-SHA-512"};
        settings.prove_offer = false;
        settings.iterations = iterations;
        settings.salt = std::move(salt);
        return settings;
    }
    testing::scripted_peer& accept(testing::scripted_peer& by, std::string salt) {
        offer(by, sha512_features).then([this, salt](testing::scripted_peer& self) {
            return let_in(self, known(salt), [this](bool waiting) { count_turns(waiting); });
        });
        return accept_binding(by.expect_header().send_header().features(bind_feature));
    }
    /// Waits for no answer.
    static task<> challenge(testing::scripted_peer& self, costly_login* test) {
        const auto auth = co_await self.receive();
        const auto steps =
            detail::sasl::make_server_mechanism(auth->attr("mechanism"), known("salt"));
        const auto asked = steps->start(detail::base64_decode(auth->text()).value());
        auto data = detail::base64_encode(std::get<detail::sasl::server_challenge>(asked).data);
        auto xml = fmt::format("<challenge xmlns='{}'>{}</challenge>", ns::sasl, data);
        co_await self.deliver(std::move(xml));
        test->count_turns(true);
    }
    /// While the client computes: how many turns others have.
    void count_turns(bool on) {
        if (on) turns.push_back(0);
        counting = on;
        if (on) count_one();
    }
    void count_one() {
        if (!counting) return;
        ++turns.back();
        if (turns.back() == reset_at) {
            counting = false;
            conn->reset();
            return;
        }
        detail::post(context.get_executor(), [this] { count_one(); });
    }

    std::vector<int> turns;  // for each login
    bool counting = false;
    int reset_at = 0;  // 0: never
};

TEST_F(costly_login, leaves_the_loop_to_others_while_it_computes) {
    accept(peer, "salt");
    start();
    run_until_idle();
    EXPECT_EQ(path(), up);
    ASSERT_EQ(turns.size(), 1u);
    EXPECT_GE(turns[0], 40) << "one for each millisecond or two";
}

TEST_F(costly_login, is_computed_once_for_a_session_as_long_as_the_server_keeps_its_salt) {
    accept(peer, "salt");
    accept(lose(), "salt");
    accept(lose(), "another");
    start_and_lose();
    pass(10s);
    EXPECT_EQ(path(), std::string(up) + " " + again + " " + again);
    ASSERT_EQ(turns.size(), 3u);
    EXPECT_LT(turns[1], turns[0] / 2);
    EXPECT_GE(turns[2], 40);
}

TEST_F(costly_login, is_given_up_at_once_when_the_session_is) {
    offer(peer, sha512_features)
        .then([this](testing::scripted_peer& self) { return challenge(self, this); })
        .expect_disconnect();
    reset_at = 10;
    start();
    run_until_idle();
    EXPECT_EQ(path(), "CONNECTING AUTHENTICATING DISCONNECTED");
}

}  // namespace
}  // namespace xmpp::test
