#pragma once

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>

namespace xmpp::detail {

// What stores in files have in common: a file holds secrets, and belongs to one store.

inline constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

/// The same name with something behind it.
std::filesystem::path beside(const std::filesystem::path& path, const char* suffix);

/// What is put behind the name of a file that is set aside: ".refused", ".refused.1", ...
std::string refused_suffix(int number);

/// \throws error(errc::invalid_options) when it is not a file of this process's user, under one
///         name, that this user alone may use
void require_private(const struct stat& about, const std::filesystem::path& path);

/// A new name is on the disk when its folder is.
void sync_folder_of(const std::filesystem::path& path);

/// Throws error(reason): what a store was doing when the system failed it.
[[noreturn]] void fail_store(std::error_code reason, const char* doing,
                             const std::filesystem::path& path);
/// The same with errno.
[[noreturn]] void fail_store(const char* doing, const std::filesystem::path& path);
/// Throws error(errc::invalid_options): another store has the file.
[[noreturn]] void refuse_taken_store(const std::filesystem::path& path);

}  // namespace xmpp::detail
