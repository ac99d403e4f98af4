#include "sasl/payload.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/base64.hpp"
#include "base/crypto/secret.hpp"

namespace xmpp::detail::sasl {

std::string encode_payload(std::string_view data) {
    auto text = room_for_secret(base64_size(data.size()));
    if (data.empty()) {
        text += '=';
    } else {
        append_base64(text, data);
    }
    return text;
}

std::string decode_payload(std::string_view text) {
    constexpr std::size_t max_size = 64 * 1024;
    if (text.size() > max_size) {
        throw error(errc::bad_challenge, "the server's SASL data is larger than 64 KiB");
    }
    if (text == "=") return {};
    auto data = base64_decode(text);
    if (!data) throw error(errc::bad_challenge, "the server's SASL data is not valid base64");
    return std::move(*data);
}

}  // namespace xmpp::detail::sasl
