#pragma once

#include <xmpp/error.hpp>

#include <string>
#include <string_view>

namespace xmpp::detail {

/// What OpenSSL's error queue of this thread holds, as text; empties the queue. Call it in the
/// function that filled it.
std::string take_openssl_errors();

/// The same as errc::tls_failure, with an explanation of what usually causes it. `doing` begins
/// the sentence.
error take_tls_error(std::string_view doing);

}  // namespace xmpp::detail
