#pragma once

#include "terminal/palette.hpp"

#include <string>
#include <string_view>

namespace chat {

/// Markup as it is shown in a trace: on one line, safe for a terminal, with coloured tags. Takes
/// pieces too, such as a stream header without its end.
std::string paint_xml(std::string_view xml, const palette& colours);

}  // namespace chat
