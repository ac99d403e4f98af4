#include "store/record_map.hpp"

#include "store/length_prefix.hpp"

namespace xmpp::detail {
namespace {

constexpr std::size_t head_bytes = 1 + length_bytes;

std::uint64_t size_as_change(std::string_view key, std::string_view record) {
    return head_bytes + key.size() + record.size();
}

bool is_kind(char letter) {
    using kind = record_change::kind;
    return letter == static_cast<char>(kind::replace) ||
           letter == static_cast<char>(kind::append) || letter == static_cast<char>(kind::erase);
}

}  // namespace

record_change::record_change(kind what, std::string_view key, std::string_view record)
    : key_size_(key.size()) {
    bytes_.reserve(size_as_change(key, record));
    bytes_ += static_cast<char>(what);
    append_length(bytes_, key.size());
    bytes_.append(key).append(record);
}

std::optional<record_change> record_change::parse(std::string_view bytes) {
    if (bytes.size() < head_bytes || !is_kind(bytes.front())) return std::nullopt;
    const auto size = read_length(bytes.substr(1));
    const auto rest = bytes.substr(head_bytes);
    if (rest.size() < size) return std::nullopt;
    return record_change(static_cast<kind>(bytes.front()), rest.substr(0, size), rest.substr(size));
}

std::optional<std::string> record_change::key_of(std::string_view bytes) {
    if (bytes.size() < head_bytes) return std::nullopt;
    const auto size = read_length(bytes.substr(1));
    const auto rest = bytes.substr(head_bytes);
    if (rest.size() < size) return std::nullopt;
    return std::string(rest.substr(0, size));
}

std::string record_change::key() const {
    return bytes_.substr(head_bytes, key_size_);
}

std::string_view record_change::record() const noexcept {
    return std::string_view(bytes_).substr(head_bytes + key_size_);
}

void record_map::apply(const record_change& change) {
    const auto key = change.key();
    if (change.what() != record_change::kind::append) forget(key);
    if (change.what() == record_change::kind::erase) return;
    records_[key].emplace_back(change.record());
    bytes_ += size_as_change(key, change.record());
}

void record_map::forget(const std::string& key) {
    const auto place = records_.find(key);
    if (place == records_.end()) return;
    for (const auto& record : place->second) bytes_ -= size_as_change(key, record);
    records_.erase(place);
}

std::vector<std::string> record_map::load(const std::string& key) const {
    const auto place = records_.find(key);
    return place == records_.end() ? std::vector<std::string>() : place->second;
}

std::size_t record_map::count(const std::string& key) const {
    const auto place = records_.find(key);
    return place == records_.end() ? 0 : place->second.size();
}

std::vector<std::string> record_map::as_changes() const {
    std::vector<std::string> changes;
    for (const auto& [key, records] : records_) {
        for (const auto& record : records) {
            changes.push_back(record_change(record_change::kind::append, key, record).bytes());
        }
    }
    return changes;
}

}  // namespace xmpp::detail
