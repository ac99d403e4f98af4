#pragma once

#include <xmpp/xhtml_im.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What XEP-0071 section 7 recommends, as tables, less what could do harm.
namespace xmpp::detail::xhtml {

/// What becomes of an element.
enum class verdict {
    keep,
    unwrap,  // its content stays
    drop,    // nothing stays
};
verdict judge(std::string_view element) noexcept;

/// The value that an attribute may have, which can be less than what it had; nothing when the
/// attribute has to go.
std::optional<std::string> attribute(std::string_view element, std::string_view name,
                                     std::string_view value, html_images images);

}  // namespace xmpp::detail::xhtml
