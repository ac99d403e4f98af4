#include <xmpp/builder.hpp>
#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "xml/parser/start_tag.hpp"
#include "xml/writer/builder_access.hpp"
#include "xml/writer/escape.hpp"
#include "xml/writer/serialize.hpp"

#include <limits>
#include <stdexcept>

namespace xmpp {
namespace {

using detail::ns_scope;
using detail::open_element;
using detail::start_tag;
using detail::value_place;

constexpr std::size_t usual_size = 240;  // bytes of an everyday stanza

std::uint32_t offset(std::size_t at) {
    if (at > std::numeric_limits<std::uint32_t>::max())
        throw std::length_error("an outgoing element exceeds 4 GiB");
    return static_cast<std::uint32_t>(at);
}

void check_element_name(std::string_view name) {
    if (detail::is_name(name)) return;
    throw error(errc::not_well_formed,
                fmt::format("'{}' can't be the name of an element; prefixes are not used, give the "
                            "namespace beside the name",
                            name));
}

void check_attribute_name(std::string_view name) {
    const auto local = name.starts_with("xml:") ? name.substr(4) : name;
    if (detail::is_name(local) && local != "xmlns") return;
    throw error(errc::not_well_formed,
                fmt::format("'{}' can't be the name of an attribute; the only prefix is xml:, and "
                            "a namespace is given beside the element's name",
                            name));
}

/// The namespace that stands at the beginning of `written`, up to its closing quote. One that needs
/// escapes compares unequal to itself, which costs a declaration that is not needed.
std::string_view quoted(std::string_view written) noexcept {
    return written.substr(0, written.find_first_of("'\""));
}

}  // namespace

/// Undoes what a setter did if it does not come to its end.
class builder::transaction {
 public:
    explicit transaction(builder& b) noexcept
        : builder_(b), size_(b.out_.size()), depth_(b.open_.size()), tag_open_(b.tag_open_) {}
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    ~transaction() {
        if (done_) return;
        builder_.out_.resize(size_);
        builder_.open_.resize(depth_);
        builder_.tag_open_ = tag_open_;
    }
    builder& commit() noexcept {
        done_ = true;
        return builder_;
    }

 private:
    builder& builder_;
    const std::size_t size_;
    const std::size_t depth_;
    const bool tag_open_;
    bool done_ = false;
};

builder::builder(std::string_view name, std::string_view ns) {
    open_root(name, ns);
}

builder::builder(const element& root) {
    detail::append_element(out_, root, ns_scope::content());
    reopen_root();
}

builder::builder(builder&& other) noexcept
    : out_(std::exchange(other.out_, {})),
      open_(std::exchange(other.open_, {})),
      tag_open_(std::exchange(other.tag_open_, false)),
      raw_(std::exchange(other.raw_, false)) {}

builder& builder::operator=(builder&& other) noexcept {
    out_ = std::exchange(other.out_, {});
    open_ = std::exchange(other.open_, {});
    tag_open_ = std::exchange(other.tag_open_, false);
    raw_ = std::exchange(other.raw_, false);
    return *this;
}

void builder::require_element(const char* what) const {
    if (!open_.empty()) return;
    throw error(errc::not_well_formed,
                fmt::format("{} {}", what,
                            raw_ ? "can't be added to unsafe_xml(); build around it instead"
                                 : "needs an element first; name the root"));
}

void builder::open_root(std::string_view name, std::string_view ns) {
    check_element_name(name);
    detail::check_declarable(ns);
    out_.reserve(usual_size);
    transaction change(*this);
    out_.append("<").append(name);
    auto ns_at = open_element::unknown_ns;
    if (detail::is_content_namespace(ns) || (ns.empty() && detail::is_stanza_name(name))) {
        ns_at = open_element::content_ns;
    } else if (!ns.empty()) {
        out_ += " xmlns='";
        ns_at = offset(out_.size());
        detail::append_attribute_value(out_, ns);
        out_ += '\'';
    }
    open_.push({1, ns_at});
    tag_open_ = true;
    change.commit();
}

void builder::open(std::string_view name, std::string_view ns) {
    detail::check_declarable(ns);
    end_start_tag();
    const auto name_at = offset(out_.size() + 1);
    out_.append("<").append(name);
    auto ns_at = open_.top().ns_at;
    const auto outer = scope();
    const bool inherited =
        ns.empty() || (outer.kind == ns_scope::rule::content && detail::is_content_namespace(ns)) ||
        (outer.kind == ns_scope::rule::known && outer.uri == ns);
    if (!inherited) {
        out_ += " xmlns='";
        ns_at = offset(out_.size());
        detail::append_attribute_value(out_, ns);
        out_ += '\'';
    }
    open_.push({name_at, ns_at});
    tag_open_ = true;
}

void builder::end_start_tag() {
    if (tag_open_) out_ += '>';
    tag_open_ = false;
}

void builder::close_top() {
    if (tag_open_)
        out_ += "/>";
    else
        out_.append("</").append(start_tag(out_, open_.top().name_at).name()).append(">");
    tag_open_ = false;
    open_.resize(open_.size() - 1);
}

builder& builder::c(std::string_view name, std::string_view ns) & {
    if (open_.empty() && !raw_) {
        open_root(name, ns);
        return *this;
    }
    require_element("a child");
    check_element_name(name);
    transaction change(*this);
    open(name, ns);
    return change.commit();
}

builder& builder::t(std::string_view text) & {
    require_element("text");
    if (text.empty()) return *this;
    transaction change(*this);
    end_start_tag();
    detail::append_text(out_, text);
    return change.commit();
}

builder& builder::up() & {
    require_element("up()");
    if (open_.size() == 1)
        throw error(errc::not_well_formed, "up() at the root: there is no element around it");
    close_top();
    return *this;
}

builder& builder::child(std::string_view name, std::string_view text) & {
    return child(name, {}, text);
}

builder& builder::child(std::string_view name, std::string_view ns, std::string_view text) & {
    require_element("a child");
    check_element_name(name);
    transaction change(*this);
    open(name, ns);
    if (!text.empty()) {
        end_start_tag();
        detail::append_text(out_, text);
    }
    close_top();
    return change.commit();
}

builder& builder::attr(std::string_view name, std::string_view value) & {
    require_element("an attribute");
    put_attribute(open_.size() - 1, name, value);
    return *this;
}

void builder::set_root_attr(std::string_view name, std::string_view value) {
    if (raw_ && !out_.empty()) {
        check_attribute_name(name);
        std::string markup;
        markup.append(" ").append(name).append("='");
        detail::append_attribute_value(markup, value);
        markup += '\'';
        out_.insert(start_tag(out_, root_name_at()).end(), markup);
        return;
    }
    require_element("an attribute");
    put_attribute(0, name, value);
}

void builder::put_attribute(std::size_t element, std::string_view name, std::string_view value) {
    check_attribute_name(name);
    const start_tag tag(out_, open_[element].name_at);
    if (value_place place{}; tag.find(name, place))
        throw error(errc::not_well_formed,
                    fmt::format("<{}> has an attribute {} already", tag.name(), name));
    if (tag_open_ && element + 1 == open_.size()) {
        transaction change(*this);
        out_.append(" ").append(name).append("='");
        detail::append_attribute_value(out_, value);
        out_ += '\'';
        change.commit();
        return;
    }
    std::string markup;
    markup.append(" ").append(name).append("='");
    detail::append_attribute_value(markup, value);
    markup += '\'';
    const auto at = tag.end();
    const auto added = offset(markup.size());
    (void)offset(out_.size() + added);
    out_.insert(at, markup);
    for (auto i = element + 1; i < open_.size(); ++i) {
        auto& moved = open_[i];
        moved.name_at += added;
        if (moved.ns_at > at) moved.ns_at += added;
    }
}

builder& builder::add(const element& e) & {
    if (open_.empty() && !raw_) return *this = builder(e);
    require_element("an element");
    transaction change(*this);
    end_start_tag();
    detail::append_element(out_, e, scope());
    return change.commit();
}

builder& builder::add(builder other) & {
    if (other.empty()) return *this;
    if (open_.empty() && !raw_) return *this = std::move(other);
    require_element("an element");
    transaction change(*this);
    end_start_tag();
    detail::builder_access::append(out_, std::move(other), scope());
    return change.commit();
}

detail::ns_scope builder::scope() const noexcept {
    const auto ns_at = open_.top().ns_at;
    if (ns_at == open_element::unknown_ns) return {};
    if (ns_at == open_element::content_ns) return ns_scope::content();
    return ns_scope::known(quoted(std::string_view(out_).substr(ns_at)));
}

/// Turns a complete element, whose bytes are all there is, into an open root.
void builder::reopen_root() {
    const start_tag tag(out_, 1);
    const bool reserved = tag.name().find(':') != std::string_view::npos;  // <xml:name>
    open_.push({1, reserved ? open_element::unknown_ns : open_element::content_ns});
    if (value_place place{}; tag.find("xmlns", place)) open_[0].ns_at = offset(place.at);
    tag_open_ = out_.ends_with("/>") && tag.end() + 2 == out_.size();
    out_.resize(out_.size() - (tag_open_ ? 2 : tag.name().size() + 3));
}

void builder::append_end_tags(std::string& out) const {
    bool tag_open = tag_open_;
    for (auto i = open_.size(); i-- > 0;) {
        if (tag_open)
            out += "/>";
        else
            out.append("</").append(start_tag(out_, open_[i].name_at).name()).append(">");
        tag_open = false;
    }
}

std::string builder::to_xml() const {
    std::string xml;
    xml.reserve(size());
    xml = out_;
    append_end_tags(xml);
    return xml;
}

std::string builder::take() && {
    std::string tags;
    append_end_tags(tags);
    out_.append(tags);
    open_.resize(0);
    tag_open_ = false;
    return std::exchange(out_, {});
}

std::size_t builder::size() const noexcept {
    std::size_t total = out_.size();
    for (std::size_t i = 0; i < open_.size(); ++i) {
        const bool empty = tag_open_ && i + 1 == open_.size();
        total += empty ? 2 : start_tag(out_, open_[i].name_at).name().size() + 3;
    }
    return total;
}

std::size_t builder::root_name_at() const noexcept {
    const auto open = out_.find('<');
    return open == out_.npos ? out_.size() : open + 1;
}

std::string_view builder::name() const noexcept {
    return start_tag(out_, root_name_at()).name();
}

std::string builder::root_attr(std::string_view name) const {
    value_place place{};
    if (!start_tag(out_, root_name_at()).find(name, place)) return {};
    return detail::unescape(std::string_view(out_).substr(place.at, place.size));
}

void builder::to_root() {
    require_element("content");
    while (open_.size() > 1) close_top();
}

void builder::root_child(std::string_view name, std::string_view text, std::string_view lang) {
    to_root();
    transaction change(*this);
    c(name);
    if (!lang.empty()) attr("xml:lang", lang);
    t(text);
    up();
    change.commit();
}

builder unsafe_xml(std::string trusted) {
    return detail::builder_access::raw(std::move(trusted));
}

}  // namespace xmpp
