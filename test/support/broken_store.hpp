#pragma once

#include <xmpp/error.hpp>
#include <xmpp/session_store.hpp>

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace xmpp::test {

/// A store whose disk is full.
class broken_store final : public session_store {
 public:
    std::vector<std::string> load(const std::string&) override { return {}; }
    void replace(const std::string&, std::string_view) override { fail(); }
    void append(const std::string&, std::string_view) override { fail(); }
    void erase(const std::string&) override { fail(); }

 private:
    [[noreturn]] static void fail() {
        throw error(std::make_error_code(std::errc::no_space_on_device), "no room for it");
    }
};

}  // namespace xmpp::test
