#include "transport/trace.hpp"

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

/// Our own element without what it says, which is in no tree then. No ">" stands in its tags.
std::string without_text(std::string_view element) {
    std::string tags;
    bool in_tag = false;
    for (const char c : element) {
        in_tag = in_tag || c == '<';
        if (in_tag) tags += c;
        if (!in_tag && tags.back() == '>') tags += 'x';
        if (c == '>') in_tag = false;
    }
    return tags;
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
    const auto original = stanza::parse(without_text(element));
    const auto blacked_out = redacted(original.root());
    const std::string shown = blacked_out->to_xml();
    if (xml_output) xml_output(shown);
    if (raw_output) raw_output(shown);
}

}  // namespace xmpp::detail

namespace xmpp {

std::string_view to_string(log_level level) noexcept {
    switch (level) {
        case log_level::debug:
            return "debug";
        case log_level::info:
            return "info";
        case log_level::warning:
            return "warning";
        case log_level::error:
            return "error";
    }
    return "unknown";
}

}  // namespace xmpp
