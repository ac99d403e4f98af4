#include "xml/parser/stream_parser.hpp"

#include "xml/parser/reader_error.hpp"

namespace xmpp::detail {
namespace {

stream_event_kind translate(reader_event::kind kind) noexcept {
    switch (kind) {
        case reader_event::kind::opened:
            return stream_event_kind::stream_opened;
        case reader_event::kind::tree:
            return stream_event_kind::stanza_received;
        case reader_event::kind::closed:
            break;
    }
    return stream_event_kind::stream_closed;
}

}  // namespace

stream_parser::stream_parser(const xml_limits& limits)
    : reader_(xml_reader::framing::stream, limits) {}

std::optional<stream_event> stream_parser::next() {
    if (auto event = reader_.poll())
        return stream_event(translate(event->what), std::move(event->content));
    if (const auto& failure = reader_.failed()) throw_reader_error(*failure);
    return std::nullopt;
}

}  // namespace xmpp::detail
