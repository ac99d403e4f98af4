#include "net/dns/dns_message.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

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
        read_record(from, [&](std::string owner, std::uint16_t type, std::chrono::seconds ttl) {
            if (type == dns_type_srv) {
                owned_record found;
                found.owner = std::move(owner);
                found.ttl = ttl;
                found.record.priority = from.number16();
                found.record.weight = from.number16();
                found.record.port = from.number16();
                found.record.target = from.name();
                records_.push_back(std::move(found));
            } else if (type == type_cname) {
                aliases_.push_back({std::move(owner), from.name(), ttl});
            }
        });
    }

    void read_authority(message_reader& from) {
        read_record(from, [&](const std::string&, std::uint16_t type, std::chrono::seconds ttl) {
            if (type != type_soa) return;
            from.name();
            from.name();
            from.skip(4 * sizeof(std::uint32_t));
            negative_ = std::min({negative_, ttl, seconds_of(from.number32())});
        });
    }

    /// What holds for a name, by way of its aliases.
    srv_message about(std::string_view name) {
        srv_message found;
        auto life = unlimited;
        std::size_t steps = 0;
        for (const alias* next = alias_of(name); next && steps < aliases_.size(); ++steps) {
            life = std::min(life, next->ttl);
            name = next->target;
            next = alias_of(name);
        }
        for (auto& each : records_) {
            if (!equal_in_any_case(each.owner, name)) continue;
            life = std::min(life, each.ttl);
            found.records.push_back(std::move(each.record));
        }
        const bool known = !found.records.empty() || negative_ != unlimited;
        if (found.records.empty()) life = std::min(life, negative_);
        if (known) found.time_to_live = life;
        return found;
    }

 private:
    static constexpr auto unlimited = std::chrono::seconds::max();

    struct owned_record {
        std::string owner;
        std::chrono::seconds ttl{};
        srv_record record;
    };
    struct alias {
        std::string owner;
        std::string target;
        std::chrono::seconds ttl;
    };

    const alias* alias_of(std::string_view name) const {
        const auto found = std::find_if(aliases_.begin(), aliases_.end(), [name](const auto& each) {
            return equal_in_any_case(each.owner, name);
        });
        return found == aliases_.end() ? nullptr : &*found;
    }

    template <class Reader>
    void read_record(message_reader& from, Reader read_data) {
        auto owner = from.name();
        const auto type = from.number16();
        const auto record_class = from.number16();
        const auto ttl = seconds_of(from.number32());
        const std::size_t size = from.number16();
        const auto data = from.position();
        if (from.good() && record_class == dns_class_internet) {
            read_data(std::move(owner), type, ttl);
        }
        const auto used = from.position() - data;
        // What is left of data that is not understood; reading over its end is a contradiction.
        from.skip(used <= size ? size - used : SIZE_MAX);
    }

    std::vector<owned_record> records_;
    std::vector<alias> aliases_;
    std::chrono::seconds negative_ = unlimited;
};

}  // namespace

std::optional<srv_message> parse_srv_message(std::span<const unsigned char> message,
                                             std::string_view name) {
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

    return found.about(name);
}

}  // namespace xmpp::detail
