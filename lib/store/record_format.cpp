#include "store/record_format.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/crypto.hpp"
#include "store/length_prefix.hpp"

#include <limits>
#include <optional>

namespace xmpp::detail {
namespace {

constexpr std::size_t checksum_bytes = 8;
constexpr std::size_t head_bytes = length_bytes + checksum_bytes;
// Looking for the next good record may take as much as reading a large file, and not more.
constexpr std::size_t search_budget = 64u << 20;
constexpr std::size_t cost_of_hash = 256;  // of one, beside its bytes

/// Of the length too: a damaged one must not be taken for another.
std::string checksum(std::string_view length, std::string_view record) {
    const auto value = hmac(hash::sha256, length, record);
    return std::string(value.view().substr(0, checksum_bytes));
}

/// Where the record ends that begins there; nothing when it would end behind the end.
std::optional<std::size_t> end_of_record(std::string_view bytes, std::size_t at) {
    if (bytes.size() - at < head_bytes) return std::nullopt;
    const std::size_t size = read_length(bytes.substr(at));
    if (bytes.size() - at - head_bytes < size) return std::nullopt;
    return at + head_bytes + size;
}

bool verifies(std::string_view bytes, std::size_t at, std::size_t end) {
    const auto record = bytes.substr(at + head_bytes, end - at - head_bytes);
    return checksum(bytes.substr(at, length_bytes), record) ==
           bytes.substr(at + length_bytes, checksum_bytes);
}

std::string_view content(std::string_view bytes, std::size_t at, std::size_t end) {
    return bytes.substr(at + head_bytes, end - at - head_bytes);
}

/// The next record that verifies, behind one that does not.
std::optional<std::size_t> next_good(std::string_view bytes, std::size_t at, std::size_t& budget) {
    // Mostly the length is right, and the next record is where it should be.
    if (const auto end = end_of_record(bytes, at)) {
        const auto next = end_of_record(bytes, *end);
        if (next && verifies(bytes, *end, *next)) return end;
    }
    while (++at < bytes.size()) {
        const auto end = end_of_record(bytes, at);
        if (!end) continue;
        const auto cost = *end - at + cost_of_hash;
        if (cost > budget) return std::nullopt;
        budget -= cost;
        if (verifies(bytes, at, *end)) return at;
    }
    return std::nullopt;
}

}  // namespace

void append_record(std::string& out, std::string_view record) {
    if (record.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw error(errc::queue_overflow, "a record of a session store is below 4 GiB");
    }
    std::string length;
    append_length(length, record.size());
    out.append(length).append(checksum(length, record)).append(record);
}

read_records read_record_bytes(std::string_view bytes) {
    read_records found;
    if (!bytes.starts_with(record_heading)) {
        found.is_ours = record_heading.starts_with(bytes);
        found.cut = found.is_ours;
        return found;
    }
    auto budget = search_budget;
    std::size_t at = record_heading.size();
    found.whole = at;
    while (at < bytes.size()) {
        const auto end = end_of_record(bytes, at);
        if (end && verifies(bytes, at, *end)) {
            found.parts.push_back({content(bytes, at, *end), true});
            found.whole = at = *end;
            continue;
        }
        const auto next = next_good(bytes, at, budget);
        if (!next && !end) {
            found.cut = true;
            break;
        }
        found.damaged = true;
        const auto until = next.value_or(bytes.size());
        if (until - at > head_bytes) found.parts.push_back({content(bytes, at, until), false});
        at = until;
    }
    return found;
}

}  // namespace xmpp::detail
