#include "transport/bosh/bosh_body.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "base/ascii.hpp"
#include "base/whole_number.hpp"
#include "transport/transport.hpp"
#include "xml/parser/reader_error.hpp"
#include "xml/writer/escape.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::string_view end_tag = "</body>";

std::string_view explain_status(int status) {
    switch (status) {
        case 301:
        case 302:
        case 303:
        case 307:
        case 308:
            return "the service has moved; give the address that it names as the service";
        case 401:
            return "the HTTP server wants a user name and a password of its own";
        case 404:
            return "nothing answers at this path, or the session is gone";
        case 407:
            return "the proxy wants a user name and a password";
        default:
            return "is this the address of an XMPP service over HTTP?";
    }
}

[[noreturn]] void throw_bad_body(const error& found) {
    const auto& code = found.code();
    if (code == stream_condition::policy_violation || code == stream_condition::restricted_xml) {
        throw found;
    }
    throw error(
        stream_condition::bad_format,
        fmt::format("{}; is this the address of an XMPP service over HTTP?", found.explanation()));
}

/// There is no further event, though the body has not ended.
[[noreturn]] void throw_cut_off(const xml_reader& reader) {
    try {
        if (const auto& failure = reader.failed()) throw_reader_error(*failure);
    } catch (const error& failure) {
        throw_bad_body(failure);
    }
    throw_bad_body(error(stream_condition::bad_format, "the response is cut off"));
}

/// What an element says about the end of the session.
void note_reason(bosh_response& response, const stanza& element) {
    if (response.stream_error) return;
    if (element->name() == "error" && element->ns() == ns::streams) response.stream_error = element;
    if (element->name() == "uri") response.place = trimmed(element->text(), " \t\r\n");
}

}  // namespace

bosh_body_writer::bosh_body_writer(std::uint64_t rid)
    : head_(fmt::format("<body xmlns='{}' rid='{}'", ns::httpbind, rid)) {}

bosh_body_writer& bosh_body_writer::attr(std::string_view name, std::string_view value) {
    head_ += ' ';
    head_ += name;
    head_ += "='";
    append_attribute_value(head_, value);
    head_ += '\'';
    return *this;
}

bosh_body_writer& bosh_body_writer::attr(std::string_view name, std::uint64_t value) {
    return attr(name, fmt::to_string(value));
}

std::string bosh_body_writer::around(std::string_view elements) const {
    std::string body;
    body.reserve(head_.size() + elements.size() + end_tag.size() + 2);
    body += head_;
    if (elements.empty()) {
        body += "/>";
        return body;
    }
    body += '>';
    body += elements;
    body += end_tag;
    return body;
}

std::uint64_t bosh_response::number(std::string_view name, std::uint64_t otherwise) const {
    return whole_number<std::uint64_t>(attr(name)).value_or(otherwise);
}

std::optional<stanza> bosh_rest::next() {
    auto event = reader_->poll();
    if (!event) throw_cut_off(*reader_);
    if (event->what == reader_event::kind::closed) return std::nullopt;
    return stanza(std::move(event->content));
}

bosh_response bosh_body_reader::read(std::string_view xml) {
    if (!reader_) reader_ = std::make_unique<xml_reader>(xml_reader::framing::body, limits_);
    reader_->reset();
    reader_->feed(xml);
    reader_->finish();
    if (reader_->failed()) throw_cut_off(*reader_);
    auto opening = reader_->poll();
    if (!opening) throw_bad_body(error(stream_condition::bad_format, "the response is empty"));
    bosh_response response{stanza(std::move(opening->content)), {}};
    while (reader_->has_finished() || !reader_->has_waiting()) {
        auto event = reader_->poll();
        if (!event) throw_cut_off(*reader_);
        if (event->what == reader_event::kind::closed) {
            for (const auto& element : response.elements) note_reason(response, element);
            return response;
        }
        response.elements.emplace_back(std::move(event->content));
    }
    response.rest.emplace(std::move(reader_));
    if (response.attr("type") == "terminate") look_for_the_reason(response, xml);
    return response;
}

/// None of the trees is kept: they are many.
void bosh_body_reader::look_for_the_reason(bosh_response& response, std::string_view xml) const {
    auto whole = std::make_unique<xml_reader>(xml_reader::framing::body, limits_);
    whole->feed(xml);
    whole->finish();
    whole->poll();
    bosh_rest elements(std::move(whole));
    while (const auto element = elements.next()) note_reason(response, *element);
}

std::exception_ptr bosh_termination(const bosh_response& response) {
    if (response.stream_error) {
        return std::make_exception_ptr(session_terminated(
            stream_error_from(response.stream_error->root()), *response.stream_error));
    }
    std::string place = response.place;
    std::string condition(response.attr("condition"));
    if (condition.empty()) condition = "unknown";
    const auto code = bosh_condition_from(condition);
    std::string explanation = "the HTTP service has ended the session";
    const bool elsewhere = code == bosh_condition::see_other_uri && !place.empty();
    if (elsewhere) explanation += fmt::format("; it wants to be reached at {}", place);
    const error why(code, std::move(condition), {}, std::move(explanation));
    if (!elsewhere) return std::make_exception_ptr(session_terminated(why, response.body));
    return std::make_exception_ptr(see_other_uri(why, std::move(place), response.body));
}

error bosh_http_failure(int status) {
    std::optional<bosh_condition> condition;
    if (status == 400) condition = bosh_condition::bad_request;
    if (status == 403) condition = bosh_condition::policy_violation;
    if (status == 404) condition = bosh_condition::item_not_found;
    auto explanation = fmt::format("HTTP status {}: {}", status, explain_status(status));
    if (condition) return error(*condition, std::move(explanation));
    return error(bosh_condition::undefined_condition, fmt::format("http-{}", status), {},
                 std::move(explanation));
}

}  // namespace xmpp::detail
