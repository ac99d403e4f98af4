#pragma once

#include <xmpp/element.hpp>
#include <xmpp/stanza.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

/// Parses elements as they stand in a client's stream: jabber:client is the default namespace, and
/// the prefix `stream` is bound.
/// \throws std::invalid_argument with the reason, and the text
std::vector<stanza> parse_stream_content(std::string_view xml);

/// Attributes as they stand in a tag: "to='example.org' version='1.0'".
/// \throws std::invalid_argument
stanza parse_attributes_of_header(std::string_view attributes);

/// What an element must look like: see scripted_peer::expect().
class xml_pattern {
 public:
    /// \throws std::invalid_argument for anything but one element
    explicit xml_pattern(std::string xml);

    /// The first difference, in words; empty when there is none.
    std::string mismatch(const element& got) const;
    const std::string& text() const noexcept { return text_; }

 private:
    std::string text_;
    stanza parsed_;
};

/// The first attribute that is not as `wanted` has it, in words; others are of no concern. An empty
/// value wants the attribute to be absent, "*" any value.
std::string attribute_mismatch(const element& wanted, const element& got);

}  // namespace xmpp::detail
