#pragma once

#include "store/store_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

/// A file of records, each with its length and a checksum, that only its owner may read and only
/// one of these has open. See record_format.hpp.
class record_file {
 public:
    /// Opens the file, or makes it.
    /// \throws see make_file_store()
    record_file(std::filesystem::path path, bool wait_for_disk);
    record_file(const record_file&) = delete;
    record_file& operator=(const record_file&) = delete;
    ~record_file();

    /// The file as it is.
    std::string bytes() const;
    /// Keeps these bytes in a file of their own. \returns its name
    std::string set_aside(std::string_view bytes) const;
    /// Forgets what is behind that many bytes.
    void cut(std::uint64_t size);
    /// Puts one record at the end. After a failure the file is as before.
    void append(std::string_view record);
    /// Makes these the only records; the old ones are there until the new ones are, whatever
    /// happens in between.
    void rewrite(const std::vector<std::string>& records);
    std::uint64_t size() const noexcept { return size_; }
    const std::filesystem::path& path() const noexcept { return folder_.file(); }

 private:
    [[noreturn]] void fail(const char* doing) const;
    void lock(const descriptor& file) const;
    void write(const descriptor& file, std::string_view bytes, std::uint64_t at) const;
    void sync(const descriptor& file) const;
    void sync_folder() const;

    store_folder folder_;
    bool wait_for_disk_;
    descriptor file_;
    std::uint64_t size_ = 0;
};

}  // namespace xmpp::detail
