#include "net/http/http_client_tls.hpp"

#include <utility>

namespace xmpp::detail {
namespace {

/// A hook may change the store of authorities: those contexts must not share theirs.
std::shared_ptr<const tls_context> model_of(tls_settings settings) {
    const bool hooked = settings.configure() != nullptr;
    settings.configure(nullptr);
    if (hooked) return std::make_shared<const tls_context>(settings);
    return shared_tls_context(settings);
}

}  // namespace

http_client_tls::http_client_tls(const tls_settings& settings, std::string name)
    : model_(model_of(settings)), hook_(settings.configure()), check_(std::move(name)) {}

void http_client_tls::apply_to(SSL_CTX* context) {
    apply_tls_context(*model_, context);
    check_.attach_to(context);
    if (hook_ && *hook_) (*hook_)(context);
}

void http_client_tls::throw_if_refused() {
    try {
        check_.throw_if_refused();
    } catch (...) {
        check_.disregard();
        throw;
    }
}

}  // namespace xmpp::detail
