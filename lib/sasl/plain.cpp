#include <xmpp/error.hpp>

#include "sasl/credentials_data.hpp"
#include "sasl/saslprep.hpp"
#include "sasl/simple_mechanisms.hpp"

namespace xmpp::detail::sasl {
namespace {

class plain final : public mechanism {
 public:
    explicit plain(const credentials& who) : who_(who) {}

    std::string_view name() const noexcept override { return "PLAIN"; }

    std::optional<std::string> initial_response() override {
        const auto user = saslprep(who_.authcid());
        const auto password = saslprep(credentials_data::of(who_).secret.view());
        if (user.empty() || password.empty()) {
            throw error(errc::prohibited_string, "nothing is left of the user name or password");
        }
        const auto authzid = who_.authzid();
        std::string message;
        message.reserve(authzid.str().size() + user.size() + password.size() + 2);
        message += authzid.str();
        message += '\0';
        message += user.view();
        message += '\0';
        message += password.view();
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
