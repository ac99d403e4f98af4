#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// Steps through serialised markup, one tag after the other, without limits and without looking
/// into attributes or text: for what we have written ourselves, or what the program answers for.
class markup_scanner {
 public:
    enum class item {
        start_tag,
        empty_tag,  // <name/>
        end_tag,
        text,    // and CDATA sections
        hidden,  // a comment, or a processing instruction
        broken,  // what follows can't be told
        end,
    };

    /// `markup` must outlive this.
    explicit markup_scanner(std::string_view markup) noexcept : markup_(markup) {}

    item next() noexcept;
    /// Of the tag, with its prefix.
    std::string_view name() const noexcept { return name_; }
    /// Where the item begins.
    std::size_t at() const noexcept { return at_; }
    /// Where it ends, unless it is broken.
    std::size_t end_of_item() const noexcept { return next_; }

 private:
    item take_tag() noexcept;
    item take_end_tag() noexcept;
    item take_until(std::string_view end, item what) noexcept;
    std::size_t take_name(std::size_t begin) noexcept;

    std::string_view markup_;
    std::string_view name_;
    std::size_t at_ = 0;
    std::size_t next_ = 0;
};

/// Without white space around it.
std::string_view trimmed(std::string_view markup) noexcept;

/// Is it one element, from its first byte to its last, each tag closed where it should be? Names,
/// attributes and characters are not looked at.
bool is_one_element(std::string_view markup);

/// Has the root element a child of that name in that namespace? `markup` is one element.
bool has_child(std::string_view markup, std::string_view name, std::string_view ns);

/// Puts `child` behind what is in the root element. `markup` is one element.
void append_child(std::string& markup, std::string_view child);

}  // namespace xmpp::detail
