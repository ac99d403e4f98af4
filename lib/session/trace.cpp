#include "session/trace.hpp"

#include <xmpp/builder.hpp>

#include <string>

namespace xmpp::detail {
namespace {

constexpr std::string_view blackout = "[redacted]";

/// The element with its attributes, less what it says: SASL payloads are text.
stanza redacted(const element& original) {
    builder copy(original.name(), original.ns());
    for (const auto& attribute : original.attributes()) {
        if (attribute.ns.empty()) copy.attr(attribute.name, attribute.value);
    }
    if (!original.text().empty()) copy.t(blackout);
    for (const auto& child : original.children()) {
        copy.c(child.name(), child.ns()).up();
    }
    return stanza::parse(copy.to_xml());
}

}  // namespace

std::string describe(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& thrown) {
        return thrown.what();
    } catch (...) {
        return "something that is not a std::exception";
    }
}

void trace::bytes_received(std::string_view bytes) {
    if (raw_input && !secret_) raw_input(bytes);
}

void trace::bytes_sent(std::string_view bytes) {
    if (raw_output && !secret_) raw_output(bytes);
}

void trace::element_received(const stanza& received) {
    if (!secret_) {
        if (xml_input) xml_input(received.root());
        return;
    }
    if (!xml_input && !raw_input) return;
    const auto shown = redacted(received.root());
    if (xml_input) xml_input(shown.root());
    if (raw_input) raw_input(shown->to_xml());
}

void trace::element_sent(std::string_view element) {
    if (!secret_) {
        if (xml_output) xml_output(element);
        return;
    }
    if (!xml_output && !raw_output) return;
    const auto original = stanza::parse(element);
    const auto blacked_out = redacted(original.root());
    const std::string shown = blacked_out->to_xml();
    if (xml_output) xml_output(shown);
    if (raw_output) raw_output(shown);
}

}  // namespace xmpp::detail
