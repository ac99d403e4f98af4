#include "stream/management/stream_limits.hpp"

#include <xmpp/ns.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace xmpp::test {
namespace {

using namespace std::chrono_literals;
using detail::stream_limits;

stream_limits read(const std::string& content) {
    return detail::announced_limits(stanza::parse(fmt::format(
        "<features xmlns='{}'><sm xmlns='urn:xmpp:sm:3'/>{}</features>", ns::streams, content)));
}

stream_limits read_limits(const std::string& content) {
    return read(fmt::format("<limits xmlns='urn:xmpp:stream-limits:0'>{}</limits>", content));
}

void expect_none(const stream_limits& limits) {
    EXPECT_EQ(limits.max_bytes, stream_limits::any_size);
    EXPECT_EQ(limits.idle, 0s);
}

TEST(announced_limits, are_those_of_the_features) {
    const auto both = read_limits("<max-bytes>262144</max-bytes><idle-seconds>840</idle-seconds>");
    EXPECT_EQ(both.max_bytes, 262'144u);
    EXPECT_EQ(both.idle, 840s);
}

TEST(announced_limits, may_be_one_of_them) {
    EXPECT_EQ(read_limits("<max-bytes>10000</max-bytes>").max_bytes, 10'000u);
    EXPECT_EQ(read_limits("<max-bytes>10000</max-bytes>").idle, 0s);
    EXPECT_EQ(read_limits("<idle-seconds>5</idle-seconds>").idle, 5s);
    EXPECT_EQ(read_limits("<idle-seconds>5</idle-seconds>").max_bytes, stream_limits::any_size);
}

TEST(announced_limits, may_have_white_space_around_them) {
    const auto both =
        read_limits("<max-bytes>\n 10000\t</max-bytes><idle-seconds> 5 </idle-seconds>");
    EXPECT_EQ(both.max_bytes, 10'000u);
    EXPECT_EQ(both.idle, 5s);
}

TEST(announced_limits, are_none_where_nothing_is_announced) {
    expect_none(read(""));
    expect_none(read_limits(""));
    expect_none(read_limits("<max-bytes/><idle-seconds/>"));
}

TEST(announced_limits, are_none_where_they_are_no_positive_numbers) {
    for (const char* value : {"0", "-1", "+1", "1.5", "1e3", "0x10", "10 000", "10000 bytes",
                              "many", "18446744073709551616", "99999999999999999999999999999999"}) {
        SCOPED_TRACE(value);
        expect_none(read_limits(
            fmt::format("<max-bytes>{0}</max-bytes><idle-seconds>{0}</idle-seconds>", value)));
    }
}

TEST(announced_limits, that_no_clock_can_count_are_none) {
    EXPECT_EQ(read_limits("<idle-seconds>4294967295</idle-seconds>").idle, 4'294'967'295s);
    EXPECT_EQ(read_limits("<idle-seconds>4294967296</idle-seconds>").idle, 0s);
    EXPECT_EQ(read_limits("<max-bytes>18446744073709551615</max-bytes>").max_bytes,
              18'446'744'073'709'551'615u);
}

TEST(announced_limits, of_another_namespace_are_none) {
    expect_none(read("<limits xmlns='urn:xmpp:stream-limits:1'><max-bytes>5</max-bytes></limits>"));
    expect_none(read_limits("<max-bytes xmlns='urn:x'>5</max-bytes>"));
    expect_none(read("<max-bytes xmlns='urn:xmpp:stream-limits:0'>5</max-bytes>"));
}

TEST(announced_limits, are_the_first_where_there_are_several) {
    EXPECT_EQ(read_limits("<max-bytes>10000</max-bytes><max-bytes>5</max-bytes>").max_bytes,
              10'000u);
}

}  // namespace
}  // namespace xmpp::test
