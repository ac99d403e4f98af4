#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

/// One change of a store, as bytes: what it does, the length of the key in four bytes, the key, the
/// record.
class record_change {
 public:
    enum class kind : char { replace = 'r', append = 'a', erase = 'e' };

    record_change(kind what, std::string_view key, std::string_view record);
    /// Nothing for bytes() that no record_change has made.
    static std::optional<record_change> parse(std::string_view bytes);
    /// The key in bytes() that may be damaged; nothing when it is not whole.
    static std::optional<std::string> key_of(std::string_view bytes);

    kind what() const noexcept { return static_cast<kind>(bytes_.front()); }
    std::string key() const;
    std::string_view record() const noexcept;
    const std::string& bytes() const noexcept { return bytes_; }

 private:
    std::string bytes_;
    std::size_t key_size_;
};

/// What a store holds.
class record_map {
 public:
    void apply(const record_change& change);
    std::vector<std::string> load(const std::string& key) const;
    bool contains(const std::string& key) const { return records_.contains(key); }
    /// How many records there are under `key`.
    std::size_t count(const std::string& key) const;
    /// The changes that lead here from nothing.
    std::vector<std::string> as_changes() const;
    /// What as_changes() comes to, in bytes.
    std::uint64_t bytes() const noexcept { return bytes_; }

 private:
    void forget(const std::string& key);

    std::map<std::string, std::vector<std::string>> records_;
    std::uint64_t bytes_ = 0;
};

}  // namespace xmpp::detail
