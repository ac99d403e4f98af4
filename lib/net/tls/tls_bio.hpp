#pragma once

#include "net/tls/openssl_ptr.hpp"

#include <string>
#include <string_view>

namespace xmpp::detail {

/// The two ends of a TLS engine that face the wire. OpenSSL's own memory BIOs copy what comes in
/// and keep their memory; this one reads straight from the caller's bytes.
struct tls_wire {
    std::string_view incoming;  // what OpenSSL may still read
    std::string outgoing;       // what it has written
};

/// A BIO that reads and writes `wire`, which must outlive it.
bio_ptr make_tls_bio(tls_wire& wire);

}  // namespace xmpp::detail
