#pragma once

#include <xmpp/detail/tree.hpp>

#include "xml/parser/limits.hpp"
#include "xml/parser/xml_reader.hpp"

#include <string_view>

namespace xmpp::detail {

/// Parses whole documents: a WebSocket frame, the body of an HTTP response. Keeps its buffers from
/// one to the next.
class document_parser {
 public:
    explicit document_parser(const xml_limits& limits = {});

    /// \param lang the language of the stream that the document is part of
    /// \throws xmpp::error with a stream_condition, as stream_parser::next() does; the parser can
    ///         be used on afterwards
    document parse(std::string_view xml, std::string_view lang = {});

 private:
    xml_reader reader_;
};

/// Parses one document with a parser of its own.
document parse_document(std::string_view xml, const xml_limits& limits = {});

}  // namespace xmpp::detail
