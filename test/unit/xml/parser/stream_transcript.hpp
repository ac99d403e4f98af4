#pragma once

#include <xmpp/error.hpp>

#include "xml/parser/stream_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {

inline constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "from='example.org' id='s1' version='1.0'>";

/// What a parser reported, in order; an error as "error: condition".
using transcript = std::vector<std::string>;

inline void drain(detail::stream_parser& parser, transcript& events) {
    try {
        while (auto event = parser.next()) {
            switch (event->kind()) {
                case detail::stream_event_kind::stream_opened:
                    events.push_back("opened");
                    break;
                case detail::stream_event_kind::stanza_received:
                    events.push_back(event->content().root().to_xml());
                    break;
                case detail::stream_event_kind::stream_closed:
                    events.push_back("closed");
                    break;
            }
        }
    } catch (const error& failure) {
        EXPECT_EQ(failure.code().category(), stream_category());
        events.push_back("error: " + std::string(failure.condition()));
    }
}

inline bool failed(const transcript& events) {
    return !events.empty() && events.back().starts_with("error");
}

/// Feeds the bytes in pieces of that size.
inline transcript parse_pieces(std::string_view bytes, std::size_t size,
                               const detail::xml_limits& limits = {}) {
    detail::stream_parser parser(limits);
    transcript events;
    while (!bytes.empty() && !failed(events)) {
        parser.feed(bytes.substr(0, size));
        bytes.remove_prefix(std::min(size, bytes.size()));
        drain(parser, events);
    }
    return events;
}

/// Feeds the bytes in two pieces.
inline transcript parse_in_two(std::string_view bytes, std::size_t first,
                               const detail::xml_limits& limits = {}) {
    detail::stream_parser parser(limits);
    transcript events;
    parser.feed(bytes.substr(0, first));
    drain(parser, events);
    if (failed(events)) return events;
    parser.feed(bytes.substr(first));
    drain(parser, events);
    return events;
}

/// The same at once; checks that other ways to cut the bytes make no difference: one at a time,
/// seven at a time, and, where that is bearable, in two at every position.
inline transcript parse_stream(std::string_view bytes, const detail::xml_limits& limits = {}) {
    const auto whole = parse_pieces(bytes, bytes.size(), limits);
    EXPECT_EQ(whole, parse_pieces(bytes, 1, limits)) << "one byte at a time";
    EXPECT_EQ(whole, parse_pieces(bytes, 7, limits)) << "seven bytes at a time";
    constexpr std::size_t bearable = 1000;
    for (std::size_t first = 1; bytes.size() <= bearable && first < bytes.size(); ++first) {
        EXPECT_EQ(whole, parse_in_two(bytes, first, limits)) << "cut after " << first << " bytes";
    }
    return whole;
}

inline std::string in_stream(std::string_view content) {
    return std::string(header).append(content);
}

}  // namespace xmpp::test
