#pragma once

#include "xml/parser/xml_reader.hpp"

namespace xmpp::detail {

/// \throws xmpp::error with the failure's stream_condition, telling where the input went wrong
[[noreturn]] void throw_reader_error(const xml_reader::failure& failure);

}  // namespace xmpp::detail
