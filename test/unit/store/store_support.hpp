#pragma once

#include <xmpp/error.hpp>
#include <xmpp/session_store.hpp>

#include "store/store_warnings.hpp"
#include "support/files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace xmpp::test {

using records = std::vector<std::string>;
using store_maker = std::shared_ptr<session_store> (*)(std::filesystem::path, durability);

/// A file with those bytes that its owner alone may read.
inline void put(const std::filesystem::path& path, const std::string& bytes) {
    write_file(path, bytes);
    std::filesystem::permissions(path, std::filesystem::perms(0600));
}

/// How making a store fails; what is thrown must name the file.
inline std::error_code code_of_opening(store_maker make, const std::filesystem::path& path) {
    try {
        (void)make(path, durability::process);
    } catch (const error& thrown) {
        EXPECT_NE(thrown.explanation().find(path.filename().string()), std::string::npos);
        return thrown.code();
    }
    return {};
}

inline std::vector<std::string> warnings_of(const std::shared_ptr<session_store>& store) {
    return dynamic_cast<detail::store_warnings&>(*store).take_warnings();
}

/// The working directory is again what it was when this ends.
class working_directory {
 public:
    working_directory() : before_(std::filesystem::current_path()) {}
    working_directory(const working_directory&) = delete;
    working_directory& operator=(const working_directory&) = delete;
    ~working_directory() {
        std::error_code ignored;
        std::filesystem::current_path(before_, ignored);
    }

 private:
    std::filesystem::path before_;
};

/// A folder for a store of its own.
class session_store_test : public ::testing::Test {
 protected:
    std::filesystem::path file() const { return folder_.path() / "sessions"; }

 private:
    temporary_directory folder_;
};

}  // namespace xmpp::test
