#include "store/record_file.hpp"

#include <xmpp/error.hpp>

#include "store/private_file.hpp"
#include "store/record_format.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace xmpp::detail {

record_file::record_file(std::filesystem::path path, bool wait_for_disk)
    : folder_(std::move(path)),
      wait_for_disk_(wait_for_disk),
      file_(folder_.open(folder_.name(), O_CREAT)) {
    lock(file_);
    struct stat about{};
    if (::fstat(file_.get(), &about) != 0) fail("looking at");
    if (about.st_nlink == 0)
        refuse_taken_store(this->path());  // written anew by its owner just now
    require_private(about, this->path());
    folder_.remove_leftovers();
    size_ = static_cast<std::uint64_t>(about.st_size);
    if (size_ == 0) {
        write(file_, record_heading, 0);
        size_ = record_heading.size();
        sync(file_);
        sync_folder();
    }
}

record_file::~record_file() = default;

std::string record_file::bytes() const {
    std::string bytes(size_, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto count = ::pread(file_.get(), bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("reading");
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
}

std::string record_file::set_aside(std::string_view bytes) const {
    for (int number = 0;; ++number) {
        const auto name = folder_.name() + refused_suffix(number);
        const auto copy = folder_.create(name);
        if (!copy) continue;
        write(copy, bytes, 0);
        sync(copy);
        sync_folder();
        return name;
    }
}

void record_file::cut(std::uint64_t size) {
    if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0) fail("cutting back");
    size_ = size;
    sync(file_);
}

void record_file::append(std::string_view record) {
    std::string bytes;
    append_record(bytes, record);
    try {
        write(file_, bytes, size_);
        sync(file_);
    } catch (...) {
        // A record that is there in part would spoil what follows it.
        if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) fail("cutting back");
        throw;
    }
    size_ += bytes.size();
}

void record_file::rewrite(const std::vector<std::string>& records) {
    std::string bytes(record_heading);
    for (const auto& record : records) append_record(bytes, record);
    const auto fresh = folder_.random_name();
    auto file = folder_.create(fresh);
    if (!file) fail("writing beside");
    try {
        lock(file);  // before it has the name, so that nobody comes in between
        write(file, bytes, 0);
        sync(file);
        folder_.rename(fresh, folder_.name());
    } catch (...) {
        folder_.remove(fresh);
        throw;
    }
    file_ = std::move(file);
    size_ = bytes.size();
    sync_folder();
}

void record_file::fail(const char* doing) const {
    fail_store(doing, path());
}

void record_file::lock(const descriptor& file) const {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return;
    if (errno != EWOULDBLOCK) fail("locking");
    refuse_taken_store(path());
}

void record_file::write(const descriptor& file, std::string_view bytes, std::uint64_t at) const {
    while (!bytes.empty()) {
        const auto count = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("writing");
        bytes.remove_prefix(static_cast<std::size_t>(count));
        at += static_cast<std::uint64_t>(count);
    }
}

void record_file::sync(const descriptor& file) const {
    if (wait_for_disk_ && ::fdatasync(file.get()) != 0) fail("writing");
}

void record_file::sync_folder() const {
    if (wait_for_disk_) folder_.sync();
}

}  // namespace xmpp::detail
