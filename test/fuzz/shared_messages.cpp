// What a broker reads from a program, and a program from its broker.
#include "shared/decode_shared.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    xmpp::test::decode_shared(data, size);
    return 0;
}
