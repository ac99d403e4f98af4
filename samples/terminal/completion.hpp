#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chat {

/// What the Tab key does to a line.
class completion {
 public:
    std::string insert;                   ///< to be put at the cursor
    std::vector<std::string> candidates;  ///< to be shown, when there is nothing to insert
};

/// The longest common beginning of all names, which is taken to go on after `typed` in whatever
/// case that was; a space behind it if there is but one.
completion complete(std::string_view typed, const std::vector<std::string>& names);

}  // namespace chat
