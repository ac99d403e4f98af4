#include "net/dns_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace xmpp::detail {
namespace {

constexpr std::uint16_t type_cname = 5;
constexpr std::uint16_t type_soa = 6;
constexpr std::size_t header_size = 12;
constexpr std::size_t max_name_size = 255;  // RFC 1035 2.3.4

/// Any octet may stand in a label; those that no host has are escaped as in zone files (RFC 1035
/// 5.1), so that names can be shown.
void append_label(std::string& name, std::span<const unsigned char> label) {
    for (const unsigned char octet : label) {
        if (octet == '.' || octet == '\\') {
            name += '\\';
            name += static_cast<char>(octet);
        } else if (octet <= 0x20 || octet >= 0x7F) {
            name += fmt::format("\\{:03}", octet);
        } else {
            name += static_cast<char>(octet);
        }
    }
}

/// Reads a message from its beginning. What it lacks is noted, and read as zeros.
class message_reader {
 public:
    explicit message_reader(std::span<const unsigned char> message) : message_(message) {}

    bool good() const noexcept { return good_; }
    std::size_t position() const noexcept { return position_; }

    std::uint16_t number16() {
        const auto high = octet();
        return static_cast<std::uint16_t>(high << 8 | octet());
    }
    std::uint32_t number32() {
        const std::uint32_t high = number16();
        return high << 16 | number16();
    }

    void skip(std::size_t count) {
        if (count > message_.size() - position_) good_ = false;
        if (good_) position_ += count;
    }

    /// Without a final dot; "." for the root.
    std::string name() {
        std::string text;
        std::size_t size = 1;
        auto at = position_;
        bool jumped = false;
        while (good_) {
            if (at >= message_.size()) break;
            const std::size_t length = message_[at];
            if (length == 0) {
                if (!jumped) position_ = at + 1;
                return text.empty() ? "." : text;
            }
            if (length >= 0xC0) {
                if (at + 1 >= message_.size()) break;
                const std::size_t target = (length & 0x3F) << 8 | message_[at + 1];
                if (!jumped) position_ = at + 2;
                jumped = true;
                if (target >= at) break;  // pointers lead backwards only, hence to an end
                at = target;
                continue;
            }
            size += length + 1;
            if (length > 63 || length >= message_.size() - at || size > max_name_size) break;
            if (!text.empty()) text += '.';
            append_label(text, message_.subspan(at + 1, length));
            at += length + 1;
        }
        good_ = false;
        return {};
    }

 private:
    unsigned char octet() {
        if (position_ >= message_.size()) good_ = false;
        return good_ ? message_[position_++] : 0;
    }

    std::span<const unsigned char> message_;
    std::size_t position_ = 0;
    bool good_ = true;
};

/// RFC 2181 8: a number with the highest bit set means none.
std::chrono::seconds seconds_of(std::uint32_t time_to_live) {
    return std::chrono::seconds(time_to_live > 0x7FFF'FFFF ? 0 : time_to_live);
}

/// What records say together.
class findings {
 public:
    void read_answer(message_reader& from) {
        read_record(from, [&](std::uint16_t type, std::chrono::seconds ttl) {
            if (type == dns_type_srv) {
                srv_record record;
                record.priority = from.number16();
                record.weight = from.number16();
                record.port = from.number16();
                record.target = from.name();
                records.push_back(std::move(record));
            }
            if (type == dns_type_srv || type == type_cname) positive = std::min(positive, ttl);
        });
    }

    void read_authority(message_reader& from) {
        read_record(from, [&](std::uint16_t type, std::chrono::seconds ttl) {
            if (type != type_soa) return;
            from.name();
            from.name();
            from.skip(4 * sizeof(std::uint32_t));
            negative = std::min({negative, ttl, seconds_of(from.number32())});
        });
    }

    static constexpr auto unlimited = std::chrono::seconds::max();
    std::vector<srv_record> records;
    std::chrono::seconds positive = unlimited;
    std::chrono::seconds negative = unlimited;

 private:
    template <class Reader>
    void read_record(message_reader& from, Reader read_data) {
        from.name();
        const auto type = from.number16();
        const auto record_class = from.number16();
        const auto ttl = seconds_of(from.number32());
        const std::size_t size = from.number16();
        const auto data = from.position();
        if (from.good() && record_class == dns_class_internet) read_data(type, ttl);
        const auto used = from.position() - data;
        // What is left of data that is not understood; reading over its end is a contradiction.
        from.skip(used <= size ? size - used : SIZE_MAX);
    }
};

}  // namespace

std::optional<srv_message> parse_srv_message(std::span<const unsigned char> message) {
    if (message.size() < header_size) return std::nullopt;
    message_reader from(message);
    from.skip(2 * sizeof(std::uint16_t));  // id and flags, which whoever asked has looked at
    const auto questions = from.number16();
    const auto answers = from.number16();
    const auto authorities = from.number16();
    from.skip(sizeof(std::uint16_t));  // additional records
    for (int i = 0; i < questions && from.good(); ++i) {
        from.name();
        from.skip(2 * sizeof(std::uint16_t));
    }
    findings found;
    for (int i = 0; i < answers && from.good(); ++i) found.read_answer(from);
    for (int i = 0; i < authorities && from.good(); ++i) found.read_authority(from);
    if (!from.good()) return std::nullopt;

    srv_message parsed;
    const auto limit =
        found.records.empty() ? std::min(found.negative, found.positive) : found.positive;
    const bool known = !found.records.empty() || found.negative != findings::unlimited;
    if (known) parsed.time_to_live = limit;
    parsed.records = std::move(found.records);
    return parsed;
}

}  // namespace xmpp::detail
