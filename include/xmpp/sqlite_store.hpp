#pragma once

#include <xmpp/session_store.hpp>

#include <filesystem>
#include <memory>

namespace xmpp {

/// A store in a database of SQLite: the file is never written anew as a whole, however much is kept
/// and changed, and what is forgotten is overwritten in it. For programs that keep much, or have
/// SQLite anyway; make_file_store() does without.
///
/// The file can be read by its owner only (mode 0600), belongs to one store at a time, and is made
/// when it is missing. Beside it, while the store lives, is its log (the same name with "-wal"
/// behind it); what was changed by a process that has died is found there. A record that is damaged
/// is left out and the rest is used. If the database itself is damaged, or of another make, none of
/// it is used: it is set aside under the same name with ".refused" behind it, or ".refused.1" and
/// so on, and the store begins empty. The log of the next connection tells of both. Of a damaged
/// log, what is before the damage is used.
///
/// Its functions, and those of the store, throw xmpp::error with the system's code when the file
/// can't be opened, read or written; the store goes on with what was there before the call. The
/// store may be used by several threads at once, as every session_store.
/// \throws error(errc::invalid_options) when another store or program has the file, or others may
///         read it
/// \throws error(errc::not_supported) in a build without SQLite
std::shared_ptr<session_store> make_sqlite_store(std::filesystem::path file,
                                                 durability survives = durability::process);

}  // namespace xmpp
