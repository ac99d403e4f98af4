#pragma once

#include <xmpp/stanza.hpp>

#include "transport/bosh/bosh_settings.hpp"
#include "transport/transport.hpp"
#include "xml/parser/xml_reader.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

/// The elements of a response behind those that may be in memory as trees at one time.
class bosh_rest {
 public:
    /// \param reader whose input is whole, with something left to be parsed
    explicit bosh_rest(std::unique_ptr<xml_reader> reader) noexcept : reader_(std::move(reader)) {}

    /// The next element; nothing at the end. \throws as bosh_body_reader::read()
    std::optional<stanza> next();

 private:
    std::unique_ptr<xml_reader> reader_;
};

/// What came in one response.
struct bosh_response {
    stanza body;  // the attributes; no children
    std::vector<stanza> elements;
    std::optional<bosh_rest> rest = {};  // where there are more than xml_reader finishes at once
    std::optional<stanza> stream_error = {};  // in a body that ends the session
    std::string place = {};                   // the same: where the service is now

    std::string_view attr(std::string_view name) const { return body->attr(name); }
    /// A number that the server has set; `otherwise` where there is none, or one out of range.
    std::uint64_t number(std::string_view name, std::uint64_t otherwise) const;
};

/// Reads responses, one after the other.
class bosh_body_reader {
 public:
    explicit bosh_body_reader(const xml_limits& limits) : limits_(limits) {}

    /// \throws xmpp::error: stream_condition::bad_format for what is no body, policy_violation and
    ///         restricted_xml as stream_parser::next() does
    bosh_response read(std::string_view xml);

 private:
    void look_for_the_reason(bosh_response& response, std::string_view xml) const;

    const xml_limits limits_;
    std::unique_ptr<xml_reader> reader_;  // kept from one response to the next
};

/// Why the server has ended the session, by the response that says so (XEP-0124 17.2): a
/// session_terminated, in which a stream error takes the place of remote-stream-error (XEP-0206
/// section 6); or a see_other_uri, where there is another place.
std::exception_ptr bosh_termination(const bosh_response& response);

/// What a status of HTTP that ends the session means (XEP-0124 17.1).
error bosh_http_failure(int status);

}  // namespace xmpp::detail
