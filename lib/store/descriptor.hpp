#pragma once

#include <unistd.h>
#include <utility>

namespace xmpp::detail {

/// Owns a file descriptor; -1 is none.
class descriptor {
 public:
    explicit descriptor(int value = -1) noexcept : value_(value) {}
    descriptor(descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~descriptor() {
        if (value_ >= 0) ::close(value_);
    }

    int get() const noexcept { return value_; }
    explicit operator bool() const noexcept { return value_ >= 0; }

 private:
    int value_;
};

}  // namespace xmpp::detail
