#include "xml/parser/start_tag.hpp"

#include <xmpp/detail/xml_chars.hpp>

#include "xml/writer/serialize.hpp"

#include <algorithm>
#include <optional>

namespace xmpp::detail {

start_tag::start_tag(std::string_view markup, std::size_t name_at) noexcept
    : markup_(markup), name_at_(std::min(name_at, markup.size())), name_size_(0) {
    while (name_end() < markup_.size()) {
        const char c = markup_[name_end()];
        if (is_xml_space(c) || c == '>' || c == '/') break;
        ++name_size_;
    }
}

bool start_tag::next(std::size_t& at, std::string_view& name, value_place& place) const noexcept {
    while (at < markup_.size() && is_xml_space(markup_[at])) ++at;
    const auto begin = at;
    while (at < markup_.size() && markup_[at] != '=' && markup_[at] != '>' && markup_[at] != '/')
        ++at;
    if (at >= markup_.size() || markup_[at] != '=') {
        at = begin;
        return false;
    }
    name = markup_.substr(begin, at - begin);
    while (!name.empty() && is_xml_space(name.back())) name.remove_suffix(1);
    auto open = at + 1;
    while (open < markup_.size() && is_xml_space(markup_[open])) ++open;
    const auto close = open < markup_.size() ? markup_.find(markup_[open], open + 1) : open;
    if (close >= markup_.size()) {
        at = begin;
        return false;
    }
    place = {open + 1, close - open - 1};
    at = close + 1;
    return true;
}

bool start_tag::find(std::string_view attribute, value_place& place) const noexcept {
    std::size_t at = name_end();
    std::string_view name;
    while (next(at, name, place))
        if (name == attribute) return true;
    return false;
}

std::size_t start_tag::end() const noexcept {
    std::size_t at = name_end();
    std::string_view name;
    value_place place{};
    while (next(at, name, place)) {
    }
    return at;
}

namespace {

/// Where the root element lacks its default namespace; nothing when it has one.
std::optional<std::size_t> place_of_declaration(std::string_view markup) {
    const auto open = markup.find('<');
    if (open == markup.npos) return std::nullopt;
    const start_tag tag(markup, open + 1);
    value_place place{};
    if (tag.find("xmlns", place)) return std::nullopt;
    return tag.name_end();
}

}  // namespace

void declare_default_namespace(std::string& markup, std::string_view ns) {
    const auto at = place_of_declaration(markup);
    if (!at) return;
    std::string declaration;
    append_declaration(declaration, {}, ns);
    markup.insert(*at, declaration);
}

void append_declared(std::string& out, std::string_view markup, std::string_view ns) {
    if (const auto at = place_of_declaration(markup)) {
        out += markup.substr(0, *at);
        append_declaration(out, {}, ns);
        markup.remove_prefix(*at);
    }
    out += markup;
}

void drop_attribute(std::string& markup, std::string_view attribute, value_place value) {
    auto begin = markup.rfind(attribute, value.at - attribute.size() - 1);  // before the quote
    while (begin > 0 && is_xml_space(markup[begin - 1])) --begin;
    markup.erase(begin, value.at + value.size + 1 - begin);
}

}  // namespace xmpp::detail
