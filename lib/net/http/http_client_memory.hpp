#pragma once

namespace xmpp::detail {

/// Initialises libcurl, once in the process. Where that is up to us, and the system tells how large
/// a block is, the library wipes what it frees: its buffers have held passwords and tokens.
/// \throws xmpp::error(errc::not_supported)
void initialise_curl();

}  // namespace xmpp::detail
