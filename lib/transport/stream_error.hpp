#pragma once

#include <xmpp/ns.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace xmpp::detail {

/// What stands in `<stream:error/>` for a condition (RFC 6120 4.9.2): for
/// transport::close_stream(). `application`: a condition of its own behind it, as XML.
inline std::string stream_error_content(std::string_view condition,
                                        std::string_view application = {}) {
    return fmt::format("<{} xmlns='{}'/>{}", condition, ns::stream_errors, application);
}

}  // namespace xmpp::detail
