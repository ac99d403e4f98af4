#pragma once

#include <xmpp/element.hpp>

#include "xml/parser/limits.hpp"
#include "xml/parser/xml_reader.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace xmpp::detail {

enum class stream_event_kind { stream_opened, stanza_received, stream_closed };

/// What has arrived.
class stream_event {
 public:
    stream_event(stream_event_kind kind, document content) noexcept
        : kind_(kind), content_(std::move(content)) {}

    stream_event_kind kind() const noexcept { return kind_; }
    /// The stream element with its attributes, or the stanza; not to be called for stream_closed.
    /// Converts to `xmpp::stanza`.
    const document& content() const& noexcept { return content_; }
    document content() && noexcept { return std::move(content_); }

 private:
    stream_event_kind kind_;
    document content_;
};

/// The reading side of an XML stream, without I/O: bytes in, events out. The same bytes give the
/// same events however they are cut into pieces.
class stream_parser {
 public:
    explicit stream_parser(const xml_limits& limits = {});

    /// Takes the next bytes of the stream. After an error, and after the end of the stream, they
    /// are ignored.
    /// \throws std::bad_alloc
    void feed(std::string_view bytes) { reader_.feed(bytes); }

    /// The next event; nothing when more bytes are needed. Each event is handed out once, in the
    /// order of arrival; what came complete before an error comes before it.
    /// \throws xmpp::error with the stream_condition to close the stream with: not_well_formed,
    ///         restricted_xml (DTD, comment, processing instruction), policy_violation (a limit),
    ///         unsupported_encoding, bad_namespace_prefix, invalid_namespace and bad_format (of the
    ///         header; text between stanzas), invalid_xml (a stream in the stream). Every further
    ///         call throws the same.
    std::optional<stream_event> next();

    /// True when every event was handed out and no byte came after the last of them. Before a
    /// change of the security layer anything else means that somebody slipped in data.
    bool idle() const noexcept { return reader_.idle(); }

    /// From here to reset(), white space between elements is an error (bad_format), as RFC
    /// 6120 5.3.3 and 6.3.5 want it while TLS and SASL are negotiated.
    void forbid_white_space() noexcept { reader_.forbid_white_space(); }

    /// The stream is a component's (XEP-0114): what is in jabber:component:accept is read as if it
    /// were in jabber:client. Holds for good.
    void of_component() noexcept { reader_.of_component(); }

    /// Begins a new stream; undelivered bytes and events are dropped, buffers are kept.
    void reset() { reader_.reset(); }

 private:
    xml_reader reader_;
};

}  // namespace xmpp::detail
