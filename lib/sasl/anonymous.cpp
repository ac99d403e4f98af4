#include "sasl/simple_mechanisms.hpp"

#include <utility>

namespace xmpp::detail::sasl {
namespace {

class anonymous final : public mechanism {
 public:
    std::string_view name() const noexcept override { return "ANONYMOUS"; }

    std::optional<std::string> initial_response() override { return std::nullopt; }

    /// Without an initial response, a server may ask for the trace information; we have none.
    std::string respond(std::string_view challenge) override {
        const bool first = !std::exchange(asked_, true);
        return first && challenge.empty() ? std::string() : mechanism::respond(challenge);
    }

 private:
    bool asked_ = false;
};

}  // namespace

std::unique_ptr<mechanism> make_anonymous() {
    return std::make_unique<anonymous>();
}

}  // namespace xmpp::detail::sasl
