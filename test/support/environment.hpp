#pragma once

#include "base/whole_number.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace xmpp::test {

/// The number in the environment under that name; `otherwise` where there is none.
template <class Number>
Number number_from_environment(const char* name, Number otherwise) {
    const char* text = std::getenv(name);
    if (!text) return otherwise;
    const auto number = detail::whole_number<Number>(text);
    if (!number) throw std::runtime_error(std::string(name) + " is no number: " + text);
    return *number;
}

}  // namespace xmpp::test
