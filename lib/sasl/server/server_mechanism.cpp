#include "sasl/server/server_mechanism.hpp"

#include "base/crypto/crypto.hpp"
#include "sasl/saslprep.hpp"
#include "sasl/scram/scram_message.hpp"
#include "sasl/server/server_scram.hpp"

#include <utility>

namespace xmpp::detail::sasl {
namespace {

class server_plain final : public server_mechanism {
 public:
    explicit server_plain(const server_settings& settings) : settings_(settings) {}

 private:
    server_step advance(std::string_view message) override {
        const auto first = message.find('\0');
        const auto second = first == std::string_view::npos ? first : message.find('\0', first + 1);
        if (second == std::string_view::npos)
            return server_failure{sasl_condition::malformed_request};
        const auto user = saslprep(message.substr(first + 1, second - first - 1));
        const auto given = saslprep(message.substr(second + 1));
        const auto known = settings_.password ? settings_.password(user.view()) : std::nullopt;
        if (!known || !constant_time_equal(given.view(), saslprep(*known).view())) {
            return server_failure{sasl_condition::not_authorized};
        }
        return server_success{std::nullopt, std::string(user.view()),
                              std::string(message.substr(0, first))};
    }

    const server_settings settings_;
};

class server_anonymous final : public server_mechanism {
    server_step advance(std::string_view) override { return server_success{}; }
};

class server_external final : public server_mechanism {
 public:
    explicit server_external(const server_settings& settings) : user_(settings.certificate_user) {}

 private:
    server_step advance(std::string_view message) override {
        if (user_.empty()) return server_failure{sasl_condition::not_authorized};
        return server_success{std::nullopt, user_, std::string(message)};
    }

    const std::string user_;
};

class server_oauthbearer final : public server_mechanism {
 public:
    explicit server_oauthbearer(const server_settings& settings) : settings_(settings) {}

 private:
    server_step advance(std::string_view message) override {
        if (refused_) return server_failure{sasl_condition::not_authorized};
        constexpr std::string_view key =
            "\x01"
            "auth=Bearer ";
        const auto begin = message.find(key);
        const auto end = message.find('\x01', begin + 1);
        if (!message.starts_with("n,") || begin == std::string_view::npos ||
            end == std::string_view::npos || message.substr(end) != "\x01\x01") {
            return server_failure{sasl_condition::malformed_request};
        }
        const auto token = message.substr(begin + key.size(), end - begin - key.size());
        const auto user = settings_.token_user ? settings_.token_user(token) : std::nullopt;
        if (user) return server_success{std::nullopt, *user, authzid(message.substr(2, begin - 2))};
        refused_ = true;
        return server_challenge{R"({"status":"invalid_token"})"};
    }

    /// Out of "a=romeo@example.org,".
    static std::string authzid(std::string_view field) {
        if (!field.starts_with("a=")) return {};
        return unescape_name(field.substr(2, field.find(',') - 2));
    }

    const server_settings settings_;
    bool refused_ = false;
};

class server_x_oauth2 final : public server_mechanism {
 public:
    explicit server_x_oauth2(const server_settings& settings) : settings_(settings) {}

 private:
    server_step advance(std::string_view message) override {
        const auto end = message.find('\0', 1);
        if (!message.starts_with('\0') || end == std::string_view::npos) {
            return server_failure{sasl_condition::malformed_request};
        }
        const auto token = message.substr(end + 1);
        const auto user = settings_.token_user ? settings_.token_user(token) : std::nullopt;
        if (!user) return server_failure{sasl_condition::not_authorized};
        return server_success{std::nullopt, *user, std::string(message.substr(1, end - 1))};
    }

    const server_settings settings_;
};

}  // namespace

server_step server_mechanism::start(std::optional<std::string_view> initial_response) {
    // Our mechanisms all begin with the client's word; an empty challenge asks for it.
    if (!initial_response) return server_challenge{};
    return step(*initial_response);
}

server_step server_mechanism::step(std::string_view response) {
    if (std::exchange(over_, true)) return server_failure{sasl_condition::malformed_request};
    try {
        auto next = advance(response);
        over_ = !std::holds_alternative<server_challenge>(next);
        return next;
    } catch (const error&) {
        return server_failure{sasl_condition::malformed_request};
    }
}

std::unique_ptr<server_mechanism> make_server_mechanism(std::string_view name,
                                                        const server_settings& settings) {
    if (const auto* variant = find_scram(name)) {
        return make_server_scram(*variant, is_plus(name), settings);
    }
    if (name == "PLAIN") return std::make_unique<server_plain>(settings);
    if (name == "ANONYMOUS") return std::make_unique<server_anonymous>();
    if (name == "EXTERNAL") return std::make_unique<server_external>(settings);
    if (name == "OAUTHBEARER") return std::make_unique<server_oauthbearer>(settings);
    if (name == "X-OAUTH2") return std::make_unique<server_x_oauth2>(settings);
    return nullptr;
}

}  // namespace xmpp::detail::sasl
