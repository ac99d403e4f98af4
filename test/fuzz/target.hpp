#pragma once

#include <xmpp/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

/// \file
/// A fuzz target is a program with this function, which libFuzzer calls with input that it has made
/// up, and replay.cpp with that of the corpus. It takes any bytes; when something that must hold
/// for all input does not, it calls fail().

// The name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // NOLINT

namespace xmpp::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Calls `check`, which may throw the errors of the library, and nothing else.
template <class Check>
void with_typed_errors(Check check) {
    try {
        check();
    } catch (const error&) {
        return;
    }
}

/// Says what does not hold, and ends the program, so that the input is kept.
[[noreturn]] void fail(std::string_view what);

}  // namespace xmpp::fuzz
