#pragma once

#include <xmpp/ns.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace xmpp::test {

/// A `<body/>` with these attributes (each with a space before it) and elements.
inline std::string bosh_body(std::string_view attributes = {}, std::string_view content = {}) {
    return fmt::format("<body xmlns='{}' xmlns:stream='{}'{}>{}</body>", ns::httpbind, ns::streams,
                       attributes, content);
}

}  // namespace xmpp::test
