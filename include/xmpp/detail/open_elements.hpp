#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace xmpp::detail {

/// An element that a builder has begun and not ended, as offsets into what it has written.
struct open_element {
    /// Values of `ns_at` that are no place.
    static constexpr std::uint32_t unknown_ns = 0;  ///< takes the one of where it will be put
    static constexpr std::uint32_t content_ns = 1;  ///< the stream's content namespace

    std::uint32_t name_at = 0;
    std::uint32_t ns_at = unknown_ns;  ///< value of the xmlns attribute that is in force
};

/// A stack of them that needs no allocation at usual depths.
class open_elements {
 public:
    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }

    open_element& operator[](std::size_t i) noexcept {
        return i < near_.size() ? near_[i] : deep_[i - near_.size()];
    }
    const open_element& operator[](std::size_t i) const noexcept {
        return i < near_.size() ? near_[i] : deep_[i - near_.size()];
    }
    const open_element& top() const noexcept { return (*this)[size_ - 1]; }

    void push(open_element e) {
        if (size_ >= near_.size()) {
            deep_.resize(size_ - near_.size());
            deep_.push_back(e);
        } else {
            near_[size_] = e;
        }
        ++size_;
    }
    /// Drops what is above the first `size`; what was dropped last may be taken back by growing
    /// again before the next push().
    void resize(std::size_t size) noexcept { size_ = size; }

 private:
    std::array<open_element, 8> near_ = {};
    std::vector<open_element> deep_;
    std::size_t size_ = 0;
};

}  // namespace xmpp::detail
