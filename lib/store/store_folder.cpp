#include "store/store_folder.hpp"

#include "base/crypto/crypto.hpp"
#include "store/private_file.hpp"

#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::string_view unfinished = ".new";
constexpr std::size_t random_size = 16;

struct close_folder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

/// Is it one of random_name()'s?
bool is_leftover(std::string_view name, std::string_view file) {
    return name.size() == file.size() + 1 + 2 * random_size + unfinished.size() &&
           name.starts_with(file) && name[file.size()] == '.' && name.ends_with(unfinished);
}

}  // namespace

store_folder::store_folder(std::filesystem::path file) : file_(std::move(file)) {
    const auto folder = file_.has_parent_path() ? file_.parent_path() : std::filesystem::path(".");
    // A folder that may be searched need not be one that may be read.
    folder_ = descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder_) fail_store("opening the folder of", file_);
}

descriptor store_folder::open(const std::string& name, int flags) const {
    descriptor file(
        ::openat(folder_.get(), name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, owner_only));
    if (!file) fail_store("opening", file_);
    return file;
}

descriptor store_folder::create(const std::string& name) const {
    descriptor file(::openat(folder_.get(), name.c_str(),
                             O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT | O_EXCL, owner_only));
    if (!file && errno != EEXIST) fail_store("writing beside", file_);
    return file;
}

void store_folder::rename(const std::string& from, const std::string& to) const {
    if (::renameat(folder_.get(), from.c_str(), folder_.get(), to.c_str()) != 0) {
        fail_store("replacing", file_);
    }
}

void store_folder::remove(const std::string& name) const noexcept {
    ::unlinkat(folder_.get(), name.c_str(), 0);
}

void store_folder::remove_leftovers() const noexcept {
    const int opened = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return;
    const std::unique_ptr<DIR, close_folder> entries(::fdopendir(opened));
    if (!entries) {
        ::close(opened);
        return;
    }
    const auto own = name();
    while (const auto* entry = ::readdir(entries.get())) {  // NOLINT(concurrency-mt-unsafe)
        if (is_leftover(entry->d_name, own)) remove(entry->d_name);
    }
}

void store_folder::sync() const {
    const descriptor folder(::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) fail_store("writing the folder of", file_);
}

std::string store_folder::random_name() const {
    std::array<unsigned char, random_size> bytes{};
    random_bytes(bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return name().append(".").append(hex(text)).append(unfinished);
}

}  // namespace xmpp::detail
