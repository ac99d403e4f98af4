#include "testing/xml_pattern.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "xml/parser/stream_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace xmpp::detail {
namespace {

constexpr std::string_view wildcard = "*";

std::string qualified(const attribute& a) {
    return a.ns == ns::xml ? fmt::format("xml:{}", a.name) : std::string(a.name);
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Senders choose ids; a pattern that has none says nothing about it.
bool may_be_left_out(const attribute& a, const element& of) {
    return a.name == "id" && a.ns.empty() && of.parent() == nullptr && of.ns() == ns::client;
}

std::string compare_attributes(const element& pattern, const element& got) {
    for (const auto& wanted : pattern.attributes()) {
        if (!got.has_attr(wanted.name, wanted.ns)) {
            return fmt::format("<{}> lacks the attribute '{}'", got.name(), qualified(wanted));
        }
        const auto value = got.attr(wanted.name, wanted.ns);
        if (wanted.value != wildcard && wanted.value != value) {
            return fmt::format("attribute '{}' of <{}> is '{}' instead of '{}'", qualified(wanted),
                               got.name(), value, wanted.value);
        }
    }
    for (const auto& present : got.attributes()) {
        if (!pattern.has_attr(present.name, present.ns) && !may_be_left_out(present, got)) {
            return fmt::format("<{}> has an attribute '{}'", got.name(), qualified(present));
        }
    }
    return {};
}

std::string compare(const element& pattern, const element& got);

std::string compare_children(const element& pattern, const element& got) {
    const auto wanted = pattern.children();
    const auto present = got.children();
    auto w = wanted.begin();
    auto p = present.begin();
    for (; w != wanted.end() && p != present.end(); ++w, ++p) {
        if (auto difference = compare(*w, *p); !difference.empty()) return difference;
    }
    if (w != wanted.end()) return fmt::format("<{}> lacks <{}>", got.name(), (*w).name());
    if (p != present.end()) return fmt::format("<{}> contains <{}>", got.name(), (*p).name());
    return {};
}

std::string compare_text(const element& pattern, const element& got) {
    const bool lays_out = !pattern.children().empty();
    if (lays_out && is_blank(pattern.text()) && is_blank(got.text())) return {};
    if (pattern.text() == got.text()) return {};
    return fmt::format("the text of <{}> is '{}' instead of '{}'", got.name(), got.text(),
                       pattern.text());
}

std::string compare(const element& pattern, const element& got) {
    if (pattern.name() != got.name()) {
        return fmt::format("<{}> instead of <{}>", got.name(), pattern.name());
    }
    if (pattern.ns() != got.ns()) {
        return fmt::format("the namespace of <{}> is '{}' instead of '{}'", got.name(), got.ns(),
                           pattern.ns());
    }
    if (auto difference = compare_attributes(pattern, got); !difference.empty()) return difference;
    if (pattern.children().empty() && pattern.text() == wildcard) return {};
    if (auto difference = compare_children(pattern, got); !difference.empty()) return difference;
    return compare_text(pattern, got);
}

stanza one_element(const std::string& xml) {
    auto elements = parse_stream_content(xml);
    if (elements.size() != 1) {
        throw std::invalid_argument(
            fmt::format("one element is wanted, not {}, in: {}", elements.size(), xml));
    }
    return std::move(elements.front());
}

std::string header_with(std::string_view attributes) {
    return fmt::format("<stream:stream xmlns='{}' xmlns:stream='{}' {}>", ns::client, ns::streams,
                       attributes);
}

}  // namespace

std::vector<stanza> parse_stream_content(std::string_view xml) {
    stream_parser parser(xml_limits::none());
    parser.feed(header_with({}));
    parser.feed(xml);
    std::vector<stanza> elements;
    try {
        while (auto event = parser.next()) {
            if (event->kind() == stream_event_kind::stanza_received) {
                elements.emplace_back(std::move(*event).content());
            } else if (event->kind() == stream_event_kind::stream_closed) {
                throw std::invalid_argument(fmt::format("a closing stream tag is in: {}", xml));
            }
        }
    } catch (const error& thrown) {
        throw std::invalid_argument(fmt::format("{}, in: {}", thrown.what(), xml));
    }
    if (!parser.idle()) throw std::invalid_argument(fmt::format("not complete: {}", xml));
    return elements;
}

stanza parse_attributes_of_header(std::string_view attributes) {
    stream_parser parser;
    parser.feed(header_with(attributes));
    std::optional<stream_event> event;
    try {
        event = parser.next();
    } catch (const error& thrown) {
        throw std::invalid_argument(fmt::format("{}, in: {}", thrown.what(), attributes));
    }
    if (!event) throw std::invalid_argument(fmt::format("no attributes: {}", attributes));
    return std::move(*event).content();
}

xml_pattern::xml_pattern(std::string xml) : text_(std::move(xml)), parsed_(one_element(text_)) {}

std::string xml_pattern::mismatch(const element& got) const {
    return compare(parsed_.root(), got);
}

std::string attribute_mismatch(const element& wanted, const element& got) {
    for (const auto& a : wanted.attributes()) {
        const bool present = got.has_attr(a.name, a.ns);
        if (a.value.empty() && present) {
            return fmt::format("<{}> has an attribute '{}'", got.name(), qualified(a));
        }
        if (!a.value.empty() && !present) {
            return fmt::format("<{}> lacks the attribute '{}'", got.name(), qualified(a));
        }
        if (present && a.value != wildcard && a.value != got.attr(a.name, a.ns)) {
            return fmt::format("attribute '{}' of <{}> is '{}' instead of '{}'", qualified(a),
                               got.name(), got.attr(a.name, a.ns), a.value);
        }
    }
    return {};
}

}  // namespace xmpp::detail
