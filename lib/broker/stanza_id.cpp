#include "broker/stanza_id.hpp"

#include "xml/parser/start_tag.hpp"
#include "xml/writer/escape.hpp"

namespace xmpp::detail {

std::string with_id(std::string xml, std::string_view id) {
    const start_tag tag(xml, 1);
    std::string value;
    append_attribute_value(value, id);
    value_place place{};
    if (tag.find("id", place)) {
        xml.replace(place.at, place.size, value);
    } else {
        xml.insert(tag.name_end(), " id='" + value + "'");
    }
    return xml;
}

}  // namespace xmpp::detail
