#pragma once

#include "base/crypto/crypto.hpp"
#include "sasl/channel_binding.hpp"

#include <optional>
#include <string>
#include <vector>

/// A whole SCRAM exchange that was published (or computed from one that was).
struct scram_vector {
    std::string test_name;
    std::string mechanism;
    std::string user;
    std::string password;
    std::string client_nonce;
    std::string client_first;
    std::string server_first;
    std::string client_final;
    std::string server_final;
    std::string salted_password;  // hex
    std::optional<xmpp::detail::sasl::channel_binding> binding;
};

const std::vector<scram_vector>& scram_vectors();

/// The one of RFC 5802.
const scram_vector& rfc5802();
