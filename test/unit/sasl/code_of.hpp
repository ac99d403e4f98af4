#pragma once

#include <xmpp/error.hpp>

#include <system_error>

/// The code that a call ends with; none when it does not throw.
template <class Function>
std::error_code code_of(Function function) {
    try {
        function();
    } catch (const xmpp::error& e) {
        return e.code();
    }
    return {};
}
