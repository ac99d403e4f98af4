#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp {

namespace detail {
class store_lease;
class store_leases;
std::shared_ptr<store_leases> make_store_leases();
}  // namespace detail

/// Where sessions keep what they need to go on after their connection, or their process, is gone.
///
/// A store has a list of records under each key: what was there first, and what was appended to it.
/// Records are bytes that only their writer understands, and are as secret as the session itself:
/// who has them can take it over.
///
/// One store may serve many connections, in different threads at once. Its functions don't suspend,
/// so a store of one's own that is far away keeps a copy close by.
///
/// A session belongs to one connection at a time: while a connection keeps the session of an
/// account in a store object, a second connection of that account does without the store, and says
/// so in its log.
class session_store {
 public:
    session_store() = default;
    session_store(const session_store&) = delete;
    session_store& operator=(const session_store&) = delete;
    virtual ~session_store() = default;

    /// The records under `key` in their order; none when nothing was kept, or when what was kept
    /// can't be trusted any more.
    virtual std::vector<std::string> load(const std::string& key) = 0;
    /// Makes `record` the only one under `key`.
    virtual void replace(const std::string& key, std::string_view record) = 0;
    /// Puts a record behind those under `key`.
    virtual void append(const std::string& key, std::string_view record) = 0;
    /// Forgets what is under `key`.
    virtual void erase(const std::string& key) = 0;

 private:
    friend class detail::store_lease;
    const std::shared_ptr<detail::store_leases> leases_ = detail::make_store_leases();
};

/// A store in memory, for sessions that outlive their connection object but not the process.
std::shared_ptr<session_store> make_memory_store();

/// What a file store survives.
enum class durability : std::uint8_t {
    process,  ///< the end of the process, however it comes; a change costs one write to a file
    machine,  ///< the machine's end too; a change waits for the disk
};

/// A store in a file: changes are appended with a checksum, and the file is written anew, as a
/// whole, when more than half of it is of no use any more.
///
/// The file is its user's alone (mode 0600, one name), belongs to one store at a time, and is made
/// when it is missing. An incomplete last record is cut off. Of a damaged file all that verifies is
/// used, of one of another make nothing; as it was, it is kept under the same name with ".refused"
/// behind it, or ".refused.1" and so on. The log of the next connection tells of each.
///
/// Its functions, and those of the store, throw xmpp::error with the system's code when the file
/// can't be opened, read or written; the store goes on with what was there before the call.
/// \throws error(errc::invalid_options) when another store has the file, or others may read it
std::shared_ptr<session_store> make_file_store(std::filesystem::path file,
                                               durability survives = durability::process);

}  // namespace xmpp
