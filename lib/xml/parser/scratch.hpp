#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>

namespace xmpp::detail {

/// A growing array of plain records: unlike std::vector it does not initialise what is about to be
/// overwritten, and appending compiles to a compare and a copy.
template <class T>
class scratch {
    static_assert(std::is_trivially_copyable_v<T>);

 public:
    std::size_t size() const noexcept { return size_; }
    T* data() const noexcept { return data_.get(); }
    T& operator[](std::size_t index) const noexcept { return data_[index]; }
    T& back() const noexcept { return data_[size_ - 1]; }

    /// Room for `count` more, to be filled by the caller.
    T* extend(std::size_t count) {
        if (count > capacity_ - size_) grow(count);
        T* added = data_.get() + size_;
        size_ += count;
        return added;
    }

    /// Forgets the content. The memory is kept for the next use unless it is out of the ordinary.
    void clear() noexcept {
        size_ = 0;
        if (capacity_ * sizeof(T) > kept_bytes) {
            data_.reset();
            capacity_ = 0;
        }
    }

 private:
    static constexpr std::size_t kept_bytes = 65'536;

    void grow(std::size_t count) {
        const std::size_t wanted = std::max({capacity_ * 2, size_ + count, std::size_t{16}});
        auto bigger = std::make_unique_for_overwrite<T[]>(wanted);
        if (size_ != 0) std::memcpy(bigger.get(), data_.get(), size_ * sizeof(T));
        data_ = std::move(bigger);
        capacity_ = wanted;
    }

    std::unique_ptr<T[]> data_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace xmpp::detail
