#include "transport/tcp/opening_tag.hpp"

#include <fmt/format.h>

namespace xmpp::detail {

std::string opening_tag(const builder& stream, std::string_view content) {
    constexpr std::string_view end = "/>";
    const std::string element = stream.to_xml();  // <stream ... />
    const auto begin = 1 + stream.name().size();
    const auto attributes =
        std::string_view(element).substr(begin, element.size() - begin - end.size());
    return fmt::format("<?xml version='1.0'?><stream:stream xmlns='{}' xmlns:stream='{}'{}>",
                       content, ns::streams, attributes);
}

}  // namespace xmpp::detail
