// What servers say, in the lines of a log.
#include "scripted/elements.hpp"
#include "scripted/session_test.hpp"

#include <string>
#include <string_view>

namespace xmpp::test {
namespace {

class log_lines : public session_test {};

TEST_F(log_lines, hold_what_a_server_says_without_beginning_another) {
    peer.accept_login(juliet)
        .send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>bye&#10;CONNECTED&#x9b;2J</text>"
            "</stream:error>")
        .close_stream()
        .expect_close();
    std::string lines;
    conn->on_log(log_level::debug, [&lines](log_level, std::string_view line) {
        lines += line;
        lines += '|';
    });
    run_session();
    EXPECT_NE(lines.find("bye\\nCONNECTED\\u{009b}2J"), std::string::npos) << lines;
    EXPECT_EQ(lines.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace xmpp::test
