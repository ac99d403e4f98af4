#pragma once

#include <string>
#include <vector>

namespace xmpp::detail {

/// A store that can say what it has found wrong with what it holds.
class store_warnings {
 public:
    store_warnings() = default;
    store_warnings(const store_warnings&) = delete;
    store_warnings& operator=(const store_warnings&) = delete;
    virtual ~store_warnings() = default;

    /// What was damaged, and what became of it, a sentence each and each only once.
    virtual std::vector<std::string> take_warnings() = 0;
};

}  // namespace xmpp::detail
