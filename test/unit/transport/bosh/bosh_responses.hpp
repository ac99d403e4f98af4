#pragma once

#include "transport/bosh/bosh_body.hpp"

#include <fmt/format.h>

#include <string_view>

namespace xmpp::test {

/// What a server would have answered.
inline detail::bosh_response response(std::string_view attributes = {},
                                      std::string_view content = {}) {
    return detail::bosh_body_reader(detail::xml_limits())
        .read(fmt::format("<body xmlns='http://jabber.org/protocol/httpbind'{}>{}</body>",
                          attributes, content));
}

}  // namespace xmpp::test
