#pragma once

#include "sasl/mechanism.hpp"

#include <memory>

namespace xmpp::detail::sasl {

/// RFC 4616.
std::unique_ptr<mechanism> make_plain(const credentials& who);
/// RFC 4505, without trace information.
std::unique_ptr<mechanism> make_anonymous();
/// RFC 4422 appendix A with the profile of XEP-0178.
std::unique_ptr<mechanism> make_external(const credentials& who);
/// RFC 7628.
std::unique_ptr<mechanism> make_oauthbearer(const credentials& who);
/// Its predecessor, as Google defined it and ejabberd has it.
std::unique_ptr<mechanism> make_x_oauth2(const credentials& who);

}  // namespace xmpp::detail::sasl
