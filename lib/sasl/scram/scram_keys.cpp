#include <xmpp/credentials.hpp>
#include <xmpp/error.hpp>

#include "base/crypto/base64.hpp"
#include "base/crypto/secret.hpp"
#include "base/whole_number.hpp"
#include "sasl/scram/scram_hash.hpp"

namespace xmpp {
namespace detail {

struct scram_keys_data {
    std::string_view mechanism;  // of the table of variants
    std::string salt;
    std::uint32_t iterations = 0;
    secret client_key;
    secret server_key;
};

}  // namespace detail

scram_keys::scram_keys(std::string_view mechanism, std::string_view salt, std::uint32_t iterations,
                       std::string_view client_key, std::string_view server_key) {
    const auto* variant = detail::sasl::find_scram(mechanism);
    if (!variant) {
        throw error(errc::bad_format, "\"" + std::string(mechanism) +
                                          "\" is not a SCRAM mechanism that keys can be for");
    }
    const auto key_size = detail::digest_size(variant->hash);
    if (salt.empty() || iterations == 0 || client_key.size() != key_size ||
        server_key.size() != key_size) {
        throw error(errc::bad_format, "keys for " + std::string(variant->name) +
                                          " need a salt, iterations, and two keys of " +
                                          std::to_string(key_size) + " bytes");
    }
    auto data = std::make_shared<detail::scram_keys_data>();
    data->mechanism = variant->name;
    data->salt = salt;
    data->iterations = iterations;
    data->client_key = detail::secret(client_key);
    data->server_key = detail::secret(server_key);
    data_ = std::move(data);
}

scram_keys::~scram_keys() = default;

std::string_view scram_keys::mechanism() const noexcept {
    return data_->mechanism;
}
std::string_view scram_keys::salt() const noexcept {
    return data_->salt;
}
std::uint32_t scram_keys::iterations() const noexcept {
    return data_->iterations;
}
std::string_view scram_keys::client_key() const noexcept {
    return data_->client_key.view();
}
std::string_view scram_keys::server_key() const noexcept {
    return data_->server_key.view();
}

std::string scram_keys::serialize() const {
    std::string text(mechanism());
    text.reserve(512);  // longer than any: growing would leave copies of the keys behind
    text += ',' + std::to_string(iterations());
    for (const auto part : {salt(), client_key(), server_key()}) {
        auto encoded = detail::base64_encode(part);
        text += ',';
        text += encoded;
        detail::wipe(encoded);
    }
    return text;
}

scram_keys scram_keys::parse(std::string_view text) {
    auto next = [rest = text]() mutable {
        const auto comma = rest.find(',');
        const auto field = rest.substr(0, comma);
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        return field;
    };
    const auto fail = [] { throw error(errc::bad_format, "not the text form of SCRAM keys"); };
    const auto bytes = [&](std::string_view encoded) {
        auto decoded = detail::base64_decode(encoded);
        if (!decoded) fail();
        return detail::secret(std::move(*decoded));
    };

    const auto mechanism = next();
    const auto iterations = detail::whole_number<std::uint32_t>(next());
    if (!iterations) fail();
    const auto salt = bytes(next());
    const auto client_key = bytes(next());
    const auto server_key = bytes(next());
    if (!next().empty() || text.ends_with(',')) fail();
    return {mechanism, salt.view(), *iterations, client_key.view(), server_key.view()};
}

bool operator==(const scram_keys& a, const scram_keys& b) noexcept {
    return a.mechanism() == b.mechanism() && a.salt() == b.salt() &&
           a.iterations() == b.iterations() &&
           detail::constant_time_equal(a.client_key(), b.client_key()) &&
           detail::constant_time_equal(a.server_key(), b.server_key());
}

}  // namespace xmpp
