#include <xmpp/error.hpp>

#include "sasl/credentials_data.hpp"
#include "sasl/simple_mechanisms.hpp"

#include <string>
#include <string_view>

namespace xmpp::detail::sasl {
namespace {

/// RFC 4616 section 2: NUL separates.
void check(std::string_view text, const char* what) {
    if (!text.empty() && text.find('\0') == std::string_view::npos) return;
    throw error(errc::prohibited_string,
                std::string("the ") + what + " is empty, or has a NUL in it");
}

class plain final : public mechanism {
 public:
    explicit plain(const credentials& who) : who_(who) {}

    std::string_view name() const noexcept override { return "PLAIN"; }

    /// As typed: to prepare name and password is up to whoever compares them (RFC 4616 section 2).
    std::optional<std::string> initial_response() override {
        const auto user = who_.authcid();
        const auto password = credentials_data::of(who_).secret.view();
        check(user, "user name");
        check(password, "password");
        const auto authzid = who_.authzid();
        auto message = room_for_secret(authzid.str().size() + user.size() + password.size() + 2);
        message += authzid.str();
        message += '\0';
        message += user;
        message += '\0';
        message += password;
        return message;
    }

 private:
    credentials who_;
};

}  // namespace

std::unique_ptr<mechanism> make_plain(const credentials& who) {
    return std::make_unique<plain>(who);
}

}  // namespace xmpp::detail::sasl
