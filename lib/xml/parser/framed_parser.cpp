#include "xml/parser/framed_parser.hpp"

#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/ascii.hpp"
#include "xml/parser/reader_error.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace xmpp::detail {
namespace {

/// The message without what may stand before its element.
std::string_view content_of(std::string_view message) noexcept {
    constexpr std::string_view white_space = " \t\r\n";
    constexpr std::string_view declaration = "<?xml";
    constexpr std::string_view end = "?>";
    message = trimmed(message, white_space);
    while (message.starts_with(declaration) && message.size() > declaration.size() &&
           is_xml_space(message[declaration.size()])) {
        const auto at = message.find(end);
        if (at == message.npos) break;  // the parser will say what is wrong
        message = trimmed(message.substr(at + end.size()), white_space);
    }
    return message;
}

}  // namespace

framed_parser::framed_parser(const xml_limits& limits)
    : reader_(xml_reader::framing::stream, limits) {
    reset();
}

void framed_parser::reset() {
    static const std::string root =
        fmt::format("<stream:stream xmlns='{}' xmlns:stream='{}'>", ns::client, ns::streams);
    reader_.reset();
    reader_.feed(root);
    reader_.poll();
    held_.clear();
    end_due_ = cut_ = stream_tag_ = false;
}

void framed_parser::feed(std::string_view message) {
    const auto content = content_of(message);
    if (content.empty() || cut_) return;
    if (end_due_ || !held_.empty())
        held_.emplace_back(content);
    else
        take(content);
}

void framed_parser::take(std::string_view content) {
    reader_.feed(content);
    end_due_ = reader_.has_waiting();
    if (!end_due_) cut_ = !reader_.between_trees();
}

bool framed_parser::go_on() {
    if (reader_.failed()) return false;
    if (end_due_) cut_ = !reader_.between_trees();
    end_due_ = false;
    if (cut_ || held_.empty()) return false;
    take(held_.front());
    held_.pop_front();
    return true;
}

std::optional<document> framed_parser::next() {
    auto event = reader_.poll();
    while (!event && go_on()) event = reader_.poll();
    if (event) {
        if (event->what == reader_event::kind::tree) return std::move(event->content);
        stream_tag_ = true;
    }
    if (stream_tag_) {
        throw error(stream_condition::invalid_xml,
                    "the server sent a stream tag; RFC 7395 has <open/> and <close/> instead");
    }
    if (const auto& failure = reader_.failed()) throw_reader_error(*failure);
    if (cut_) {
        throw error(stream_condition::not_well_formed,
                    "received a WebSocket message that ends inside an element");
    }
    return std::nullopt;
}

}  // namespace xmpp::detail
