#include "store/sqlite_database.hpp"

#include <sqlite3.h>

namespace xmpp::detail {
namespace {

constexpr int primary(int code) {
    return code & 0xff;
}

/// For a connection that could not be made there may be none to ask.
[[noreturn]] void fail(sqlite3* database, int code) {
    if (!database) throw sqlite_failure(primary(code), 0, ::sqlite3_errstr(code));
    throw sqlite_failure(primary(code), ::sqlite3_system_errno(database),
                         ::sqlite3_errmsg(database));
}

}  // namespace

sqlite_statement::sqlite_statement(sqlite3* database, const char* sql) : database_(database) {
    sqlite3_stmt* made = nullptr;
    const int code =
        ::sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    statement_.reset(made);
    if (code != SQLITE_OK) detail::fail(database, code);
}

void sqlite_statement::finalizer::operator()(sqlite3_stmt* statement) const noexcept {
    ::sqlite3_finalize(statement);
}

sqlite_statement& sqlite_statement::bind(int place, std::string_view bytes) {
    // A null pointer would be NULL, which is not the same as no bytes.
    const char* data = bytes.empty() ? "" : bytes.data();
    const int code =
        ::sqlite3_bind_blob64(statement_.get(), place, data, bytes.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) detail::fail(database_, code);
    return *this;
}

sqlite_statement& sqlite_statement::bind(int place, std::int64_t number) {
    const int code = ::sqlite3_bind_int64(statement_.get(), place, number);
    if (code != SQLITE_OK) detail::fail(database_, code);
    return *this;
}

bool sqlite_statement::step() {
    const int code = ::sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    detail::fail(database_, code);
}

std::string_view sqlite_statement::bytes(int column) const {
    const void* data = ::sqlite3_column_blob(statement_.get(), column);
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), column));
    return data ? std::string_view(static_cast<const char*>(data), size) : std::string_view();
}

std::int64_t sqlite_statement::number(int column) const {
    return ::sqlite3_column_int64(statement_.get(), column);
}

void sqlite_statement::run() {
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) code = ::sqlite3_step(statement_.get());
    if (code == SQLITE_DONE) {
        ::sqlite3_reset(statement_.get());
        ::sqlite3_clear_bindings(statement_.get());
        return;
    }
    const sqlite_failure failure(primary(code), ::sqlite3_system_errno(database_),
                                 ::sqlite3_errmsg(database_));
    ::sqlite3_reset(statement_.get());
    ::sqlite3_clear_bindings(statement_.get());
    throw failure;
}

sqlite_database::sqlite_database(const std::filesystem::path& file) {
    sqlite3* made = nullptr;
    const int code = ::sqlite3_open_v2(
        file.c_str(), &made,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
        nullptr);
    database_.reset(made);
    if (code != SQLITE_OK) detail::fail(made, code);
}

void sqlite_database::closer::operator()(sqlite3* database) const noexcept {
    ::sqlite3_close_v2(database);  // when its statements are gone, too
}

void sqlite_database::execute(const char* sql) {
    const int code = ::sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) detail::fail(database_.get(), code);
}

std::int64_t sqlite_database::number(const char* sql) {
    auto statement = prepare(sql);
    return statement.step() ? statement.number(0) : 0;
}

std::string sqlite_database::text(const char* sql) {
    auto statement = prepare(sql);
    return statement.step() ? std::string(statement.bytes(0)) : std::string();
}

void sqlite_database::roll_back() noexcept {
    if (::sqlite3_get_autocommit(database_.get()) != 0) return;
    ::sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace xmpp::detail
