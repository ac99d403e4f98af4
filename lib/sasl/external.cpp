#include "sasl/simple_mechanisms.hpp"

namespace xmpp::detail::sasl {
namespace {

class external final : public mechanism {
 public:
    explicit external(const credentials& who) : authzid_(who.authzid().str()) {
        if (authzid_ == who.user().bare().str()) authzid_.clear();
    }

    std::string_view name() const noexcept override { return "EXTERNAL"; }

    /// Empty, but there: the server takes the address from the certificate (XEP-0178).
    std::optional<std::string> initial_response() override { return authzid_; }

 private:
    std::string authzid_;
};

}  // namespace

std::unique_ptr<mechanism> make_external(const credentials& who) {
    return std::make_unique<external>(who);
}

}  // namespace xmpp::detail::sasl
