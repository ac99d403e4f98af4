#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// Overwrites memory in a way that the optimiser can't leave out.
void wipe(void* memory, std::size_t size) noexcept;

/// Overwrites all that the string holds, its spare capacity included, and leaves it empty.
void wipe(std::string& text) noexcept;

/// Wipes a string when it goes, however its scope is left.
class wipe_at_end {
 public:
    explicit wipe_at_end(std::string& text) noexcept : text_(text) {}
    wipe_at_end(const wipe_at_end&) = delete;
    wipe_at_end& operator=(const wipe_at_end&) = delete;
    ~wipe_at_end() { wipe(text_); }

 private:
    std::string& text_;
};

/// An empty string for a secret of that size. What it gets lies on the heap, so that moving it
/// leaves nothing behind, and it does not grow, which would.
std::string room_for_secret(std::size_t size);

/// A password, token or key: its memory is overwritten when it is no longer needed. It never lies
/// in the object itself, so that moving leaves nothing behind.
class secret {
 public:
    secret() noexcept = default;
    explicit secret(std::string_view text);
    /// Takes the text over and wipes the source.
    explicit secret(std::string&& text);
    secret(const secret& other) : secret(other.view()) {}
    secret(secret&& other) noexcept;
    secret& operator=(secret other) noexcept;
    ~secret();

    std::string_view view() const noexcept { return {bytes_.get(), size_}; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

 private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

}  // namespace xmpp::detail
