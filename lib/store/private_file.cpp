#include "store/private_file.hpp"

#include <xmpp/error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace xmpp::detail {

std::filesystem::path beside(const std::filesystem::path& path, const char* suffix) {
    auto name = path;
    name += suffix;
    return name;
}

std::string refused_suffix(int number) {
    return number == 0 ? ".refused" : fmt::format(".refused.{}", number);
}

void require_private(const struct stat& about, const std::filesystem::path& path) {
    if (!S_ISREG(about.st_mode)) {
        throw error(errc::invalid_options, fmt::format("'{}' is not a file", path.string()));
    }
    if (about.st_uid != ::geteuid()) {
        throw error(
            errc::invalid_options,
            fmt::format("'{}' belongs to another user, who may read and change it", path.string()));
    }
    if (about.st_nlink != 1) {
        throw error(errc::invalid_options,
                    fmt::format("'{}' has another name as well (a hard link), under which others "
                                "may have it; copy it, or remove it",
                                path.string()));
    }
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw error(errc::invalid_options,
                    fmt::format("others may read or change '{}', which is to hold secrets; chmod "
                                "600 or remove it",
                                path.string()));
    }
}

void sync_folder_of(const std::filesystem::path& path) {
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = opened >= 0 && ::fsync(opened) == 0;
    const std::error_code reason(errno, std::system_category());
    if (opened >= 0) ::close(opened);
    if (!synced) fail_store(reason, "writing the folder of", path);
}

void fail_store(std::error_code reason, const char* doing, const std::filesystem::path& path) {
    throw error(reason, fmt::format("{} the session store '{}'", doing, path.string()));
}

void fail_store(const char* doing, const std::filesystem::path& path) {
    fail_store(std::error_code(errno, std::system_category()), doing, path);
}

void refuse_taken_store(const std::filesystem::path& path) {
    throw error(errc::invalid_options,
                fmt::format("another store has '{}'; share one store between connections, and give "
                            "each process a file of its own",
                            path.string()));
}

}  // namespace xmpp::detail
