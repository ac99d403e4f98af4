#include "base/crypto/secret.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace xmpp::detail {

void wipe(void* memory, std::size_t size) noexcept {
    OPENSSL_cleanse(memory, size);
}

void wipe(std::string& text) noexcept {
    text.resize(text.capacity());  // within the capacity: does not allocate
    wipe(text.data(), text.size());
    text.clear();
}

std::string room_for_secret(std::size_t size) {
    constexpr std::size_t never_inside = 64;
    std::string room;
    room.reserve(std::max(size, never_inside));
    return room;
}

secret::secret(std::string_view text)
    : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    std::copy(text.begin(), text.end(), bytes_.get());
}

secret::secret(std::string&& text) : secret(std::string_view(text)) {
    wipe(text);
}

secret::secret(secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

secret& secret::operator=(secret other) noexcept {
    bytes_.swap(other.bytes_);
    std::swap(size_, other.size_);
    return *this;
}

secret::~secret() {
    if (bytes_) wipe(bytes_.get(), size_);
}

}  // namespace xmpp::detail
