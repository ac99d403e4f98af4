#include "xml/parser/document_parser.hpp"

#include "xml/parser/reader_error.hpp"

#include <utility>

namespace xmpp::detail {

document_parser::document_parser(const xml_limits& limits)
    : reader_(xml_reader::framing::document, limits) {}

document document_parser::parse(std::string_view xml, std::string_view lang) {
    reader_.reset();
    reader_.stream_lang(lang);
    reader_.feed(xml);
    reader_.finish();
    if (const auto& failure = reader_.failed()) throw_reader_error(*failure);
    auto event = reader_.poll();
    return std::move(event->content);
}

document parse_document(std::string_view xml, const xml_limits& limits) {
    return document_parser(limits).parse(xml);
}

}  // namespace xmpp::detail
