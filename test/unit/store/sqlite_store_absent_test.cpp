#include <xmpp/error.hpp>
#include <xmpp/sqlite_store.hpp>

#include <gtest/gtest.h>

#include <system_error>

namespace xmpp::test {
namespace {

TEST(sqlite_store_absent, is_not_supported) {
    std::error_code code;
    try {
        (void)make_sqlite_store("sessions");
    } catch (const error& thrown) {
        code = thrown.code();
    }
    EXPECT_EQ(code, errc::not_supported);
}

}  // namespace
}  // namespace xmpp::test
