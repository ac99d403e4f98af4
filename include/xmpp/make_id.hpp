#pragma once

#include <string>
#include <string_view>

namespace xmpp {

/// An identifier that nobody can guess and that is not given twice, also not by a forked process:
/// 15 characters of A-Z a-z 0-9 - _ from OpenSSL's generator, 90 random bits. Requests get theirs
/// by themselves; this is for ids of messages, of resources, of whatever a program invents.
///
/// \param suffix goes behind a ':' where it is not empty, to recognise one's own by
/// \throws xmpp::error(std::errc::io_error) when the generator can't be seeded
///
/// May be called in any thread.
[[nodiscard]] std::string make_id(std::string_view suffix = {});

}  // namespace xmpp
