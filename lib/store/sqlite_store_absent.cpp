#include <xmpp/error.hpp>
#include <xmpp/sqlite_store.hpp>

namespace xmpp {

// In place of the other sqlite files in a build without SQLite.
std::shared_ptr<session_store> make_sqlite_store(std::filesystem::path, durability) {
    throw error(errc::not_supported,
                "this build has no SQLite: it was made without libsqlite3; make_file_store() needs "
                "nothing");
}

}  // namespace xmpp
