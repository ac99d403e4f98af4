// A stream of RFC 6120. The same bytes give the same events however they are cut, and an element
// that is accepted can be written and read again.
#include <xmpp/error.hpp>

#include "round_trip.hpp"
#include "xml/parser/stream_parser.hpp"

#include <string>
#include <vector>

using namespace xmpp;

namespace {

std::vector<std::string> events(std::string_view input, std::size_t step) {
    std::vector<std::string> seen;
    detail::stream_parser parser;
    try {
        for (std::size_t at = 0; at < input.size(); at += step) {
            parser.feed(input.substr(at, step));
            while (const auto event = parser.next()) {
                if (event->kind() == detail::stream_event_kind::stream_closed) {
                    seen.emplace_back("closed");
                    return seen;
                }
                const auto& root = event->content().root();
                seen.push_back(root.to_xml());
                fuzz::check_round_trip(root, seen.back());
            }
        }
    } catch (const error& refused) {
        seen.emplace_back(refused.condition());
    }
    return seen;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::as_text(data, size);
    const auto whole = events(input, size + 1);
    if (whole != events(input, 1)) fuzz::fail("it depends on how the bytes are cut");
    return 0;
}
