#pragma once

#include <xmpp/stanza.hpp>

#include "transport/bosh_settings.hpp"
#include "transport/transport.hpp"
#include "xml/xml_reader.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

/// Writes a `<body/>` (XEP-0124 section 7) around elements that are ready.
class bosh_body_writer {
 public:
    explicit bosh_body_writer(std::uint64_t rid);

    bosh_body_writer& attr(std::string_view name, std::string_view value);
    bosh_body_writer& attr(std::string_view name, std::uint64_t value);

    /// The whole body, in one allocation.
    std::string around(std::string_view elements) const;

 private:
    std::string head_;
};

/// What came in one response.
struct bosh_response {
    stanza body;  // the attributes; no children
    std::vector<stanza> elements;

    std::string_view attr(std::string_view name) const { return body->attr(name); }
    /// A number that the server has set; `otherwise` where there is none, or one out of range.
    std::uint64_t number(std::string_view name, std::uint64_t otherwise) const;
};

/// Reads responses, one after the other.
class bosh_body_reader {
 public:
    explicit bosh_body_reader(const xml_limits& limits)
        : reader_(xml_reader::framing::body, limits) {}

    /// \throws xmpp::error: stream_condition::bad_format for what is no body, policy_violation and
    ///         restricted_xml as stream_parser::next() does
    bosh_response read(std::string_view xml);

 private:
    xml_reader reader_;
};

/// Why the server has ended the session, by the response that says so (XEP-0124 17.2): a
/// session_terminated, in which a stream error takes the place of remote-stream-error (XEP-0206
/// section 6); or a see_other_uri, where there is another place.
std::exception_ptr bosh_termination(const bosh_response& response);

/// What a status of HTTP that ends the session means (XEP-0124 17.1).
error bosh_http_failure(int status);

}  // namespace xmpp::detail
