#include "store/record_file.hpp"

#include <xmpp/error.hpp>

#include "base/crypto.hpp"
#include "store/length_prefix.hpp"
#include "store/private_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::string_view heading = "xmpp session store 1\n";
constexpr std::size_t checksum_bytes = 8;

/// Of the length too: a damaged one must not be taken for another.
std::string checksum(std::string_view length, std::string_view record) {
    const auto value = hmac(hash::sha256, length, record);
    return std::string(value.view().substr(0, checksum_bytes));
}

void append_record(std::string& out, std::string_view record) {
    if (record.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw error(errc::queue_overflow, "a record of a session store is below 4 GiB");
    }
    std::string length;
    append_length(length, record.size());
    out.append(length).append(checksum(length, record)).append(record);
}

/// Cuts the next record off; nothing when it is not whole.
std::optional<std::string> take_record(std::string_view& bytes) {
    if (bytes.size() < length_bytes + checksum_bytes) return std::nullopt;
    const auto length = bytes.substr(0, length_bytes);
    const auto expected = bytes.substr(length_bytes, checksum_bytes);
    bytes.remove_prefix(length_bytes + checksum_bytes);
    const std::size_t size = read_length(length);
    if (bytes.size() < size) return std::nullopt;
    const auto record = bytes.substr(0, size);
    bytes.remove_prefix(size);
    if (checksum(length, record) != expected) return std::nullopt;
    return std::string(record);
}

}  // namespace

record_file::descriptor::descriptor(descriptor&& other) noexcept
    : value_(std::exchange(other.value_, -1)) {}

record_file::descriptor& record_file::descriptor::operator=(descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
}

record_file::descriptor::~descriptor() {
    if (value_ >= 0) ::close(value_);
}

record_file::record_file(std::filesystem::path path, bool wait_for_disk)
    : path_(std::move(path)), wait_for_disk_(wait_for_disk), file_(open(path_, O_CREAT)) {
    lock(file_);
    struct stat about{};
    if (::fstat(file_.get(), &about) != 0) fail("looking at");
    require_private(about, path_);
    size_ = static_cast<std::uint64_t>(about.st_size);
    if (size_ == 0) {
        write(file_, heading, 0);
        size_ = heading.size();
        sync(file_);
        sync_folder();
    }
}

record_file::~record_file() = default;

std::optional<std::vector<std::string>> record_file::read() const {
    std::string bytes(size_, '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        const auto count = ::pread(file_.get(), bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("reading");
        if (count == 0) return std::nullopt;
        done += static_cast<std::size_t>(count);
    }
    std::string_view rest = bytes;
    if (!rest.starts_with(heading)) return std::nullopt;
    rest.remove_prefix(heading.size());
    std::vector<std::string> records;
    while (!rest.empty()) {
        auto record = take_record(rest);
        if (!record) return std::nullopt;
        records.push_back(std::move(*record));
    }
    return records;
}

void record_file::set_aside() {
    if (::rename(path_.c_str(), beside(path_, ".refused").c_str()) != 0) fail("setting aside");
    rewrite({});
}

void record_file::append(std::string_view record) {
    std::string bytes;
    append_record(bytes, record);
    try {
        write(file_, bytes, size_);
        sync(file_);
    } catch (...) {
        // A record that is there in part would spoil all others.
        if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) fail("cutting back");
        throw;
    }
    size_ += bytes.size();
}

void record_file::rewrite(const std::vector<std::string>& records) {
    std::string bytes(heading);
    for (const auto& record : records) append_record(bytes, record);
    const auto fresh = beside(path_, ".new");
    auto file = open(fresh, O_CREAT | O_TRUNC);
    lock(file);  // before it has the name, so that nobody comes in between
    write(file, bytes, 0);
    sync(file);
    if (::rename(fresh.c_str(), path_.c_str()) != 0) fail("replacing");
    sync_folder();
    file_ = std::move(file);
    size_ = bytes.size();
}

void record_file::fail(const char* doing) const {
    fail_store(doing, path_);
}

record_file::descriptor record_file::open(const std::filesystem::path& path, int flags) const {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, owner_only);
    if (file < 0) fail("opening");
    return descriptor(file);
}

void record_file::lock(const descriptor& file) const {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return;
    if (errno != EWOULDBLOCK) fail("locking");
    refuse_taken_store(path_);
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
    if (wait_for_disk_) sync_folder_of(path_);
}

}  // namespace xmpp::detail
