#pragma once

#include <openssl/types.h>

#include <string>

namespace xmpp::detail {

/// "names DNS a.example, DNS b.example, was issued by 'CN=X' and is valid from 2026-01-01
/// 00:00:00 to 2027-01-01 00:00:00 UTC". What comes out of the certificate is cut to a sensible
/// length and freed of characters that don't print: it was written by a stranger.
std::string describe_certificate(const X509& certificate);

/// "'CN=X'"
std::string subject_of(const X509& certificate);

}  // namespace xmpp::detail
