#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace xmpp::detail {

/// What SQLite reports.
class sqlite_failure : public std::runtime_error {
 public:
    sqlite_failure(int code, int system_code, const char* text)
        : std::runtime_error(text), code_(code), system_code_(system_code) {}

    int code() const noexcept { return code_; }                ///< SQLITE_..., the primary one
    int system_code() const noexcept { return system_code_; }  ///< the errno behind it, or 0

 private:
    int code_;
    int system_code_;
};

/// A statement of SQL, which may be run again and again. Places and columns count from 1 and from
/// 0, as SQLite's. Throws sqlite_failure.
class sqlite_statement {
 public:
    sqlite_statement(sqlite3* database, const char* sql);

    /// `bytes` stay there until the statement has been run.
    sqlite_statement& bind(int place, std::string_view bytes);
    sqlite_statement& bind(int place, std::int64_t number);

    /// Goes to the next row; false when there is none.
    bool step();
    std::string_view bytes(int column) const;  ///< until the next step()
    std::int64_t number(int column) const;

    /// Runs it to the end and makes it ready for the next time, also when it fails.
    void run();

 private:
    struct finalizer {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };

    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, finalizer> statement_;
};

/// A connection to a database, for one thread at a time. Throws sqlite_failure.
class sqlite_database {
 public:
    /// Opens a file that exists, or throws before anything is read. No link is followed.
    explicit sqlite_database(const std::filesystem::path& file);

    void execute(const char* sql);
    sqlite_statement prepare(const char* sql) { return {database_.get(), sql}; }
    /// The first column of the first row.
    std::int64_t number(const char* sql);
    std::string text(const char* sql);
    /// Takes back what has been done since BEGIN, if that is possible.
    void roll_back() noexcept;

 private:
    struct closer {
        void operator()(sqlite3* database) const noexcept;
    };

    std::unique_ptr<sqlite3, closer> database_;
};

}  // namespace xmpp::detail
