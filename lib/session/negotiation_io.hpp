#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/error.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "transport/transport.hpp"

#include <string>

namespace xmpp::detail {

/// A failure that the server reported in an element, which statuses pass on.
class refusal : public error {
 public:
    refusal(const error& reported, stanza element)
        : error(reported), element_(std::move(element)) {}
    const stanza& element() const noexcept { return element_; }

 private:
    stanza element_;
};

/// The next element. Throws refusal for a stream error, errc::closed_by_server when the server ends
/// the stream.
task<stanza> read_element(transport& wire);

/// Writes one element.
task<> write_element(transport& wire, builder element);

/// What to say about an element that has no place where it came.
error unexpected(const stanza& element, std::string_view expected);

/// Throws when `element` is a stream error.
void throw_if_stream_error(const stanza& element);

}  // namespace xmpp::detail
