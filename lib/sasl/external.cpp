#include "sasl/credentials_data.hpp"
#include "sasl/simple_mechanisms.hpp"

#include <utility>

namespace xmpp::detail::sasl {
namespace {

class external final : public mechanism {
 public:
    explicit external(const credentials& who) : authzid_(who.authzid().str()) {
        const bool external_only = credentials_data::of(who).kind == credentials_kind::external;
        if (!external_only && authzid_ == who.user().bare().str()) authzid_.clear();
    }

    std::string_view name() const noexcept override { return "EXTERNAL"; }

    /// Empty, but there: the server takes the address from the certificate (XEP-0178).
    std::optional<std::string> initial_response() override { return authzid_; }

    /// A server that takes the empty response for none asks for one (RFC 4422 appendix A).
    std::string respond(std::string_view challenge) override {
        const bool first = !std::exchange(asked_, true);
        return first && challenge.empty() ? authzid_ : mechanism::respond(challenge);
    }

 private:
    std::string authzid_;
    bool asked_ = false;
};

}  // namespace

std::unique_ptr<mechanism> make_external(const credentials& who) {
    return std::make_unique<external>(who);
}

}  // namespace xmpp::detail::sasl
