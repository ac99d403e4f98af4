#include "xml/parser/reader_error.hpp"

#include <fmt/format.h>

namespace xmpp::detail {

void throw_reader_error(const xml_reader::failure& failure) {
    throw error(failure.condition,
                fmt::format("received XML that can't be accepted: {}, at byte {}", failure.reason,
                            failure.at));
}

}  // namespace xmpp::detail
