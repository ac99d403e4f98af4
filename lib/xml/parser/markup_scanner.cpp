#include "xml/parser/markup_scanner.hpp"

#include <xmpp/detail/xml_chars.hpp>

#include "xml/parser/start_tag.hpp"
#include "xml/writer/escape.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace xmpp::detail {
namespace {

/// The names of open elements; few are deep enough to need memory.
class open_names {
 public:
    bool empty() const noexcept { return depth_ == 0; }
    std::size_t depth() const noexcept { return depth_; }
    void push(std::string_view name) {
        if (depth_ < shallow_.size()) {
            shallow_[depth_] = name;
        } else {
            deep_.push_back(name);
        }
        ++depth_;
    }
    /// False when it is not the innermost.
    bool pop(std::string_view name) noexcept {
        if (empty()) return false;
        --depth_;
        if (depth_ < shallow_.size()) return shallow_[depth_] == name;
        const bool same = deep_.back() == name;
        deep_.pop_back();
        return same;
    }

 private:
    std::array<std::string_view, 16> shallow_;
    std::vector<std::string_view> deep_;
    std::size_t depth_ = 0;
};

/// The value of the attribute that declares the namespace of `prefix`, if the tag has one.
bool find_declaration(const start_tag& tag, std::string_view prefix, value_place& place) {
    if (prefix.empty()) return tag.find("xmlns", place);
    std::string attribute("xmlns:");
    return tag.find(attribute.append(prefix), place);
}

}  // namespace

markup_scanner::item markup_scanner::next() noexcept {
    at_ = next_;
    if (at_ >= markup_.size()) return item::end;
    const auto rest = markup_.substr(at_);
    if (rest.front() != '<') {
        next_ = std::min(markup_.find('<', at_), markup_.size());
        return item::text;
    }
    if (rest.starts_with("</")) return take_end_tag();
    if (rest.starts_with("<!--")) return take_until("-->", item::hidden);
    if (rest.starts_with("<?")) return take_until("?>", item::hidden);
    if (rest.starts_with("<![CDATA[")) return take_until("]]>", item::text);
    return take_tag();
}

markup_scanner::item markup_scanner::take_until(std::string_view end, item what) noexcept {
    constexpr std::size_t mark = 4;  // "<!-->" is no comment that has ended
    const auto found = markup_.find(end, at_ + (what == item::hidden && end == "-->" ? mark : 2));
    if (found == markup_.npos) return item::broken;
    next_ = found + end.size();
    return what;
}

/// \returns where it ends
std::size_t markup_scanner::take_name(std::size_t begin) noexcept {
    auto end = begin;
    while (end < markup_.size()) {
        const char c = markup_[end];
        if (is_xml_space(c) || c == '>' || c == '/' || c == '<') break;
        ++end;
    }
    name_ = markup_.substr(begin, end - begin);
    return end;
}

markup_scanner::item markup_scanner::take_end_tag() noexcept {
    auto end = take_name(at_ + 2);
    while (end < markup_.size() && is_xml_space(markup_[end])) ++end;
    if (name_.empty() || end >= markup_.size() || markup_[end] != '>') return item::broken;
    next_ = end + 1;
    return item::end_tag;
}

markup_scanner::item markup_scanner::take_tag() noexcept {
    auto at = take_name(at_ + 1);
    if (name_.empty() || name_.front() == '!') return item::broken;
    while (at < markup_.size()) {
        at = markup_.find_first_of("<>'\"", at);
        if (at == markup_.npos || markup_[at] == '<') return item::broken;
        if (markup_[at] == '>') {
            next_ = at + 1;
            return markup_[at - 1] == '/' ? item::empty_tag : item::start_tag;
        }
        at = markup_.find(markup_[at], at + 1);  // behind the value
        if (at != markup_.npos) ++at;
    }
    return item::broken;
}

std::string_view trimmed(std::string_view markup) noexcept {
    while (!markup.empty() && is_xml_space(markup.front())) markup.remove_prefix(1);
    while (!markup.empty() && is_xml_space(markup.back())) markup.remove_suffix(1);
    return markup;
}

bool is_one_element(std::string_view markup) {
    markup_scanner scanner(markup);
    open_names open;
    bool begun = false;
    for (;;) {
        const auto what = scanner.next();
        const bool outside = open.empty();
        switch (what) {
            case markup_scanner::item::start_tag:
            case markup_scanner::item::empty_tag:
                if (outside && begun) return false;
                begun = true;
                if (what == markup_scanner::item::start_tag) open.push(scanner.name());
                break;
            case markup_scanner::item::end_tag:
                if (!open.pop(scanner.name())) return false;
                break;
            case markup_scanner::item::text:
            case markup_scanner::item::hidden:
                if (outside) return false;
                break;
            case markup_scanner::item::broken:
                return false;
            case markup_scanner::item::end:
                return begun && outside;
        }
    }
}

bool has_child(std::string_view markup, std::string_view name, std::string_view ns) {
    markup_scanner scanner(markup);
    std::size_t depth = 0;
    for (;;) {
        const auto what = scanner.next();
        if (what == markup_scanner::item::end || what == markup_scanner::item::broken) return false;
        if (what == markup_scanner::item::end_tag) --depth;
        const bool opens = what == markup_scanner::item::start_tag;
        if ((opens || what == markup_scanner::item::empty_tag) && depth == 1) {
            const auto colon = scanner.name().find(':');
            const auto prefix = colon == std::string_view::npos ? std::string_view()
                                                                : scanner.name().substr(0, colon);
            const auto local =
                colon == std::string_view::npos ? scanner.name() : scanner.name().substr(colon + 1);
            value_place place{};
            const bool declared =
                local == name &&
                (find_declaration(start_tag(markup, scanner.at() + 1), prefix, place) ||
                 find_declaration(start_tag(markup, 1), prefix, place));
            if (declared && unescape(markup.substr(place.at, place.size)) == ns) return true;
        }
        if (opens) ++depth;
    }
}

void append_child(std::string& markup, std::string_view child) {
    if (!markup.ends_with("/>")) {
        markup.insert(markup.rfind("</"), child);
        return;
    }
    // An element that ends so has nothing in it.
    const std::string name(start_tag(markup, 1).name());
    markup.resize(markup.size() - 2);
    markup.append(">").append(child).append("</").append(name).append(">");
}

}  // namespace xmpp::detail
