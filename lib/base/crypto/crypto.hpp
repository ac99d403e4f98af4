#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace xmpp::detail {

enum class hash { sha1, sha256, sha384, sha512 };

/// In bytes.
std::size_t digest_size(hash algorithm) noexcept;

/// What a hash function gives: lies in place, without an allocation, and is wiped afterwards, since
/// it may be a key.
class hash_value {
 public:
    static constexpr std::size_t max_size = 64;

    hash_value() noexcept = default;
    /// \throws xmpp::error(errc::bad_format) when `bytes` is longer than max_size.
    explicit hash_value(std::string_view bytes);
    hash_value(const hash_value&) noexcept = default;
    hash_value& operator=(const hash_value&) noexcept = default;
    ~hash_value();

    std::string_view view() const noexcept {
        return {reinterpret_cast<const char*>(bytes_.data()), size_};
    }
    operator std::string_view() const noexcept { return view(); }
    unsigned char* data() noexcept { return bytes_.data(); }
    std::size_t size() const noexcept { return size_; }
    void resize(std::size_t size) noexcept { size_ = static_cast<std::uint8_t>(size); }

    /// Byte by byte; the operands are of one size.
    friend hash_value operator^(const hash_value& a, const hash_value& b) noexcept;

 private:
    std::array<unsigned char, max_size> bytes_{};
    std::uint8_t size_ = 0;
};

hash_value digest(hash algorithm, std::string_view data);
hash_value hmac(hash algorithm, std::string_view key, std::string_view data);
/// RFC 8018, with HMAC, giving as many bytes as the hash.
hash_value pbkdf2(hash algorithm, std::string_view password, std::string_view salt,
                  std::uint32_t iterations);

/// Lower-case.
std::string hex(std::string_view bytes);

/// Takes as long for any content; only the lengths can be told from the time.
bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

/// From OpenSSL's generator.
/// \throws xmpp::error(std::errc::io_error) when it can't be seeded.
void random_bytes(std::span<unsigned char> out);
std::string random_bytes(std::size_t count);

/// An identifier that nobody can guess: 15 characters of the URL alphabet of base64, 90 random
/// bits. Cheap enough for each stanza: every thread draws its random bytes in bulk, and a forked
/// process draws anew. It fits into the small buffer of a std::string.
std::string random_id();

}  // namespace xmpp::detail
