#pragma once

#include "terminal/palette.hpp"

/// Paints nothing: what is shown is the text alone.
inline const chat::palette plain(false);
