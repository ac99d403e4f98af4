#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// Where a value stands, without its quotes.
struct value_place {
    std::size_t at;
    std::size_t size;
};

/// Looks into a start tag that is already serialised, possibly not ended yet. Cheaper for everybody
/// than keeping track of what was written: few ask, and tags are short.
class start_tag {
 public:
    /// \param markup what contains the tag; must outlive this
    /// \param name_at where the element's name stands, after the `<`
    start_tag(std::string_view markup, std::size_t name_at) noexcept;

    std::string_view name() const noexcept { return markup_.substr(name_at_, name_size_); }
    std::size_t name_end() const noexcept { return name_at_ + name_size_; }

    /// The attribute's value as it stands there, escaped. \returns false when there is none
    bool find(std::string_view attribute, value_place& place) const noexcept;

    /// Where another attribute can be inserted: before the `>` or `/>`, or at the end of markup.
    std::size_t end() const noexcept;

 private:
    /// Steps over one attribute. \returns false at the end of the tag
    bool next(std::size_t& at, std::string_view& name, value_place& place) const noexcept;

    std::string_view markup_;
    std::size_t name_at_;
    std::size_t name_size_;
};

/// Gives the root element of `markup` a default namespace unless it declares one: what a stanza
/// needs inside another element.
void declare_default_namespace(std::string& markup, std::string_view ns);
/// How many bytes that adds at most, where `ns` has nothing to be escaped.
constexpr std::size_t declaration_size(std::string_view ns) noexcept {
    return std::string_view(" xmlns=''").size() + ns.size();
}
/// Appends markup that has one then: what WebSocket and BOSH need of each stanza.
void append_declared(std::string& out, std::string_view markup, std::string_view ns);

/// Takes out the attribute of that name whose value stands there.
void drop_attribute(std::string& markup, std::string_view attribute, value_place value);

}  // namespace xmpp::detail
