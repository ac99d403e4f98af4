// The head of an HTTP answer, and whether it opens a WebSocket.
#include <xmpp/error.hpp>

#include "net/http/http_head.hpp"
#include "net/websocket/websocket_handshake.hpp"
#include "target.hpp"

using namespace xmpp;

namespace {

std::string outcome(std::string_view input, std::size_t step) {
    detail::http_head_reader reader;
    try {
        for (std::size_t at = 0; at < input.size(); at += step) {
            const auto piece = input.substr(at, step);
            const auto taken = reader.feed(piece);
            if (taken > piece.size()) fuzz::fail("more was taken than there is");
            if (!reader.complete()) continue;
            detail::check_websocket_answer(reader.head(), "dGhlIHNhbXBsZSBub25jZQ==");
            return "opened";
        }
    } catch (const error& refused) {
        return std::string(refused.condition());
    }
    return "more";
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::as_text(data, size);
    if (outcome(input, size + 1) != outcome(input, 1)) {
        fuzz::fail("it depends on how the bytes are cut");
    }
    return 0;
}
