#include <xmpp/error.hpp>

#include "sasl/credentials_data.hpp"
#include "sasl/scram/scram_message.hpp"
#include "sasl/simple_mechanisms.hpp"

#include <algorithm>

namespace xmpp::detail::sasl {
namespace {

/// Whom the token is for; empty: the server finds out.
std::string account(const credentials& who) {
    const auto authzid = who.authzid();
    if (!authzid.empty()) return authzid.str();
    const auto user = who.user();
    return user.local().empty() ? std::string() : user.bare().str();
}

/// The token goes between control characters and into what may be logged by line: RFC 6750 allows
/// it visible ASCII only.
std::string_view checked_token(const credentials& who) {
    const auto token = credentials_data::of(who).secret.view();
    const auto is_visible = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
    if (token.empty() || !std::all_of(token.begin(), token.end(), is_visible)) {
        throw error(errc::prohibited_string,
                    "an access token consists of visible ASCII characters (RFC 6750)");
    }
    return token;
}

class oauthbearer final : public mechanism {
 public:
    explicit oauthbearer(const credentials& who) : who_(who) {}

    std::string_view name() const noexcept override { return "OAUTHBEARER"; }

    std::optional<std::string> initial_response() override {
        const auto token = checked_token(who_);
        const auto user = account(who_);
        const auto authzid = user.empty() ? std::string() : "a=" + escape_name(user);
        auto message = room_for_secret(authzid.size() + token.size() + 24);
        message += "n,";
        message += authzid;
        message += ",\x01";
        message += "auth=Bearer ";
        message += token;
        message += "\x01\x01";
        return message;
    }

    /// The only challenge tells in JSON why the token was refused; the failure follows once it was
    /// answered (RFC 7628 3.2.3).
    std::string respond(std::string_view challenge) override {
        constexpr std::size_t max_size = 8 * 1024;
        if (refused_ || challenge.empty() || challenge.size() > max_size) {
            return mechanism::respond(challenge);
        }
        refused_ = true;
        explanation_ = challenge;
        return "\x01";
    }

    void finish(std::optional<std::string_view> additional_data) override {
        if (refused_) {
            throw error(errc::bad_challenge,
                        "the server refused the token and reported success nevertheless");
        }
        mechanism::finish(additional_data);
    }

    std::string_view explanation() const noexcept override { return explanation_; }

 private:
    credentials who_;
    bool refused_ = false;
    std::string explanation_;
};

class x_oauth2 final : public mechanism {
 public:
    explicit x_oauth2(const credentials& who) : who_(who) {}

    std::string_view name() const noexcept override { return "X-OAUTH2"; }

    std::optional<std::string> initial_response() override {
        const auto token = checked_token(who_);
        const auto user = account(who_);
        auto message = room_for_secret(user.size() + token.size() + 2);
        message += '\0';
        message += user;
        message += '\0';
        message += token;
        return message;
    }

 private:
    credentials who_;
};

}  // namespace

std::unique_ptr<mechanism> make_oauthbearer(const credentials& who) {
    return std::make_unique<oauthbearer>(who);
}

std::unique_ptr<mechanism> make_x_oauth2(const credentials& who) {
    return std::make_unique<x_oauth2>(who);
}

}  // namespace xmpp::detail::sasl
