#include "target.hpp"

#include <cstdio>
#include <cstdlib>

void xmpp::fuzz::fail(std::string_view what) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}
