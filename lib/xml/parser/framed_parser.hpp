#pragma once

#include <xmpp/detail/tree.hpp>

#include "xml/parser/limits.hpp"
#include "xml/parser/xml_reader.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// The reading side of a protocol that frames its elements (RFC 7395), without I/O: messages in,
/// elements out. All messages are parsed as the content of one element that nobody sent, so that a
/// message costs no parser of its own.
///
/// Lenient where that does no harm: white space and XML declarations before an element, several
/// elements in one message, and a stanza or stream element that does not declare its namespace.
class framed_parser {
 public:
    explicit framed_parser(const xml_limits& limits = {});

    /// Begins a new stream; what was not handed out is dropped, buffers are kept.
    void reset();

    /// Takes the next message. After an error messages are ignored.
    /// \throws std::bad_alloc
    void feed(std::string_view message);

    /// The next element; nothing when another message is needed. What came complete before an error
    /// comes before it.
    /// \throws xmpp::error with the stream_condition to close the stream with: those of
    ///         stream_parser; not_well_formed for a message that does not end with an element;
    ///         invalid_xml for stream tags, which have no place here. Every further call throws the
    ///         same.
    std::optional<document> next();

    /// True when every element was handed out.
    bool idle() const noexcept {
        return !cut_ && !stream_tag_ && !end_due_ && held_.empty() && reader_.idle();
    }

    /// What elements inherit as their language from here on.
    void language(std::string_view lang) { reader_.stream_lang(lang); }

 private:
    void take(std::string_view content);
    /// Looks whether a message ended with an element, and takes the next one.
    bool go_on();

    xml_reader reader_;
    std::deque<std::string> held_;  // messages that came while the reader had enough
    bool end_due_ = false;          // the reader has not come to the end of the message yet
    bool cut_ = false;              // a message ended inside an element
    bool stream_tag_ = false;       // one closed the element around all messages
};

}  // namespace xmpp::detail
