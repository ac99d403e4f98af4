#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

/// A file of records, each with its length and a checksum, that only its owner may read and only
/// one of these has open.
///
///     "xmpp session store 1\n"  { length: 4 bytes, big-endian; checksum: 8 bytes; record }*
class record_file {
 public:
    /// Opens the file, or makes it.
    /// \throws see make_file_store()
    record_file(std::filesystem::path path, bool wait_for_disk);
    record_file(const record_file&) = delete;
    record_file& operator=(const record_file&) = delete;
    ~record_file();

    /// All records; nothing when the file is not, in all its parts, one that this class has
    /// written.
    std::optional<std::vector<std::string>> read() const;
    /// Keeps the file under another name, and begins an empty one.
    void set_aside();
    /// Puts one record at the end. After a failure the file is as before.
    void append(std::string_view record);
    /// Makes these the only records; the old ones are there until the new ones are, whatever
    /// happens in between.
    void rewrite(const std::vector<std::string>& records);
    std::uint64_t size() const noexcept { return size_; }

 private:
    class descriptor {
     public:
        explicit descriptor(int value) noexcept : value_(value) {}
        descriptor(descriptor&& other) noexcept;
        descriptor& operator=(descriptor&& other) noexcept;
        ~descriptor();
        int get() const noexcept { return value_; }

     private:
        int value_;
    };

    [[noreturn]] void fail(const char* doing) const;
    descriptor open(const std::filesystem::path& path, int flags) const;
    void lock(const descriptor& file) const;
    void write(const descriptor& file, std::string_view bytes, std::uint64_t at) const;
    void sync(const descriptor& file) const;
    void sync_folder() const;

    std::filesystem::path path_;
    bool wait_for_disk_;
    descriptor file_;
    std::uint64_t size_ = 0;
};

}  // namespace xmpp::detail
