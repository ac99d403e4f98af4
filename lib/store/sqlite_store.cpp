#include <xmpp/error.hpp>
#include <xmpp/sqlite_store.hpp>

#include "base/crypto/crypto.hpp"
#include "store/mapped_store.hpp"
#include "store/private_file.hpp"
#include "store/sqlite_database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace xmpp {
namespace detail {
namespace {

constexpr auto schema =
    "CREATE TABLE record (key BLOB NOT NULL, position INTEGER NOT NULL, bytes BLOB NOT NULL, "
    "checksum BLOB NOT NULL, PRIMARY KEY (key, position)) WITHOUT ROWID";
constexpr std::int64_t application = 0x584d5050;  // "XMPP"
constexpr std::int64_t version = 1;
constexpr auto sign = "PRAGMA application_id = 1481461840; PRAGMA user_version = 1";

/// SQLite checks how a file is built, not what is in it.
hash_value checksum(std::string_view key, std::int64_t position, std::string_view record) {
    return hmac(hash::sha256, fmt::format("{} {} {}", position, key.size(), key), record);
}

[[noreturn]] void fail(const sqlite_failure& failure, const std::filesystem::path& path) {
    const auto explanation =
        fmt::format("the session store '{}': {}", path.string(), failure.what());
    const auto code_of = [&failure] {
        switch (failure.code()) {
            case SQLITE_FULL:
                return ENOSPC;
            case SQLITE_NOMEM:
                return ENOMEM;
            case SQLITE_PERM:
                return EACCES;
            case SQLITE_READONLY:
                return EROFS;
            case SQLITE_TOOBIG:
                return EMSGSIZE;
            default:
                return failure.system_code() != 0 ? failure.system_code() : EIO;
        }
    };
    throw error(std::error_code(code_of(), std::system_category()), explanation);
}

/// Whether that, when a file is read for the first time, means that it is damaged or another's.
bool is_damage(int code) {
    switch (code) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR:  // what it asks for is not there
        case SQLITE_SCHEMA:
        case SQLITE_FORMAT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
        case SQLITE_READONLY:  // as the file says, not the system
            return true;
        default:
            return false;
    }
}

/// Makes the file if there is none, and looks whether it can be a store's.
void prepare(const std::filesystem::path& path) {
    const int made =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, owner_only);
    if (made >= 0) {
        ::close(made);
        return;
    }
    // Another store's file must not be opened: closing it again would end the locks that SQLite has
    // on it in this process.
    struct stat about{};
    if (errno != EEXIST || ::lstat(path.c_str(), &about) != 0) fail_store("opening", path);
    if (S_ISDIR(about.st_mode)) errno = EISDIR;
    if (S_ISLNK(about.st_mode)) errno = ELOOP;
    if (S_ISDIR(about.st_mode) || S_ISLNK(about.st_mode)) fail_store("opening", path);
    require_private(about, path);
    if (::access(path.c_str(), R_OK | W_OK) != 0) fail_store("opening", path);
}

constexpr std::array parts{"-wal", "-journal", ""};

/// A name that no file has, nor what SQLite would have beside it.
std::filesystem::path free_name(const std::filesystem::path& path) {
    for (int number = 0;; ++number) {
        auto name = beside(path, refused_suffix(number).c_str());
        const auto is_taken = [&name](const char* suffix) {
            struct stat about{};
            return ::lstat(beside(name, suffix).c_str(), &about) == 0;
        };
        if (std::none_of(parts.begin(), parts.end(), is_taken)) return name;
    }
}

/// Keeps the file, and what SQLite has beside it, under another name. \returns the name
std::filesystem::path set_aside(const std::filesystem::path& path) {
    const auto refused = free_name(path);
    for (const char* suffix : parts) {
        const auto from = beside(path, suffix);
        const auto to = beside(refused, suffix);
        if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
            fail_store("setting aside", path);
        }
    }
    return refused;
}

/// Takes the file for this connection alone.
void configure(sqlite_database& database, durability survives) {
    database.execute(survives == durability::machine ? "PRAGMA synchronous = FULL"
                                                     : "PRAGMA synchronous = OFF");
    database.execute("PRAGMA locking_mode = EXCLUSIVE");
    database.execute("PRAGMA journal_mode = WAL");
    database.execute("PRAGMA secure_delete = ON");
    database.execute("PRAGMA trusted_schema = OFF");
}

struct contents {
    record_map records;
    int left_out = 0;
};

/// An empty record in each place up to `position`, so that what follows has its own.
void fill_gap(record_map& records, const std::string& key, std::int64_t position) {
    while (static_cast<std::int64_t>(records.count(key)) < position) {
        records.apply(record_change(record_change::kind::append, key, {}));
    }
}

/// Nothing when the file is not built as this store does it.
std::optional<contents> read_contents(sqlite_database& database) {
    if (database.text("SELECT group_concat(sql, ';') FROM sqlite_schema") != schema ||
        database.number("PRAGMA application_id") != application ||
        database.number("PRAGMA user_version") != version ||
        database.text("PRAGMA integrity_check(1)") != "ok") {
        return std::nullopt;
    }
    contents found;
    auto rows = database.prepare(
        "SELECT key, position, bytes, checksum FROM record ORDER BY key, position");
    while (rows.step()) {
        const std::string key(rows.bytes(0));
        const auto position = rows.number(1);
        const auto record = rows.bytes(2);
        if (rows.bytes(3) != checksum(key, position, record).view()) {
            ++found.left_out;
            if (position == static_cast<std::int64_t>(found.records.count(key))) {
                fill_gap(found.records, key, position + 1);
            }
            continue;
        }
        fill_gap(found.records, key, position);
        found.records.apply(record_change(record_change::kind::append, key, record));
    }
    return found;
}

/// What is in a new file, or one that was there; nothing when that can't be trusted.
std::optional<contents> begin(sqlite_database& database, durability survives) {
    configure(database, survives);
    database.execute("BEGIN IMMEDIATE");
    std::optional<contents> found;
    if (database.number("PRAGMA schema_version") == 0) {
        database.execute(schema);
        found.emplace();
    } else {
        found = read_contents(database);
    }
    if (!found) return std::nullopt;
    database.execute(sign);  // shows, too, that it can be written
    database.execute("COMMIT");
    return found;
}

class sqlite_store final : public mapped_store {
 public:
    sqlite_store(std::filesystem::path path, std::unique_ptr<sqlite_database> database,
                 record_map records, std::vector<std::string> warnings)
        : mapped_store(std::move(records), std::move(warnings)),
          path_(std::move(path)),
          database_(std::move(database)),
          // A damaged row may have the place.
          insert_(database_->prepare("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4)")),
          remove_(database_->prepare("DELETE FROM record WHERE key = ?1")) {}

 private:
    void keep(const record_change& change, const record_map& records) override {
        using kind = record_change::kind;
        const auto key = change.key();
        try {
            if (change.what() == kind::append) {
                insert(key, static_cast<std::int64_t>(records.count(key)), change.record());
            } else if (change.what() == kind::erase) {
                remove_.bind(1, key).run();
            } else {
                database_->execute("BEGIN IMMEDIATE");
                remove_.bind(1, key).run();
                insert(key, 0, change.record());
                database_->execute("COMMIT");
            }
        } catch (const sqlite_failure& failure) {
            database_->roll_back();
            fail(failure, path_);
        }
    }

    void insert(std::string_view key, std::int64_t position, std::string_view record) {
        const auto check = checksum(key, position, record);
        insert_.bind(1, key).bind(2, position).bind(3, record).bind(4, check.view()).run();
    }

    std::filesystem::path path_;
    std::unique_ptr<sqlite_database> database_;
    sqlite_statement insert_;
    sqlite_statement remove_;
};

/// Nothing when the file is to be set aside.
std::shared_ptr<session_store> open(const std::filesystem::path& path, durability survives,
                                    std::vector<std::string> warnings) {
    prepare(path);
    try {
        // SQLite follows no link then, but a folder may well be behind one.
        const auto place = std::filesystem::canonical(path);
        auto database = std::make_unique<sqlite_database>(place);
        auto found = begin(*database, survives);
        if (!found) return nullptr;
        if (found->left_out > 0) {
            warnings.push_back(
                fmt::format("the session store '{}' was damaged: {} records are left out",
                            path.string(), found->left_out));
        }
        return std::make_shared<sqlite_store>(path, std::move(database), std::move(found->records),
                                              std::move(warnings));
    } catch (const sqlite_failure& failure) {
        if (failure.code() == SQLITE_BUSY) refuse_taken_store(path);
        if (is_damage(failure.code())) return nullptr;
        fail(failure, path);
    }
}

}  // namespace
}  // namespace detail

std::shared_ptr<session_store> make_sqlite_store(std::filesystem::path file, durability survives) {
    // Between making a file and closing it again nobody else in this process may lock it.
    static std::mutex opening;
    const std::lock_guard lock(opening);
    file = std::filesystem::absolute(file);  // SQLite opens its log by name, later
    auto store = detail::open(file, survives, {});
    if (!store) {
        const auto refused = detail::set_aside(file);
        std::vector<std::string> warnings;
        warnings.push_back(
            fmt::format("the session store '{}' is damaged, or of another make: it begins empty, "
                        "and what was there is in '{}'",
                        file.string(), refused.string()));
        store = detail::open(file, survives, std::move(warnings));
    }
    if (!store) throw error(errc::invalid_options, "a new session store can't be read");
    if (survives == durability::machine) detail::sync_folder_of(file);
    return store;
}

}  // namespace xmpp
