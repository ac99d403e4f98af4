#pragma once

#include "store/descriptor.hpp"

#include <filesystem>
#include <string>

namespace xmpp::detail {

/// The folder of a store's file. It stays open: a change of the working directory, or of a name on
/// the way to it, does not lead to another folder. Functions throw as make_file_store() does.
class store_folder {
 public:
    /// \param file the store's file, whose name errors give
    explicit store_folder(std::filesystem::path file);

    const std::filesystem::path& file() const noexcept { return file_; }
    /// The file's name in the folder.
    std::string name() const { return file_.filename().string(); }

    /// Opens a file for reading and writing; `flags` as for openat(2). Follows no symbolic link.
    descriptor open(const std::string& name, int flags) const;
    /// Makes a file that is not there yet, for its owner alone; none if there is one of that name.
    descriptor create(const std::string& name) const;
    void rename(const std::string& from, const std::string& to) const;
    void remove(const std::string& name) const noexcept;
    /// Removes files that create() made under random names and a process left that was killed.
    void remove_leftovers() const noexcept;
    /// New names are on the disk when this returns.
    void sync() const;

    /// A name beside the file's that nobody can know in advance.
    std::string random_name() const;

 private:
    std::filesystem::path file_;
    descriptor folder_;
};

}  // namespace xmpp::detail
