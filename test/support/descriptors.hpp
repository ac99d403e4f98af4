#pragma once

#include <set>

namespace xmpp::test {

/// The descriptors of this process that programs started by it would inherit.
std::set<int> inheritable_descriptors();

}  // namespace xmpp::test
