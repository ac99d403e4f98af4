// What a store has of a stream, and what a program has sent, to the next connect(): whatever it is,
// a session comes of it, in which nothing waits any more, and all that could be sent was sent.
#include <xmpp/error.hpp>
#include <xmpp/session_store.hpp>
#include <xmpp/testing/memory_stream.hpp>
#include <xmpp/testing/virtual_clock.hpp>
#include <xmpp/xmpp.hpp>

#include "base/spawn.hpp"
#include "journal_server.hpp"
#include "stream/management/resend.hpp"
#include "target.hpp"
#include "xml/parser/markup_scanner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace xmpp;

namespace {

using namespace std::chrono_literals;

constexpr std::string_view separator = "\n--\n";
const jid account("juliet@example.org");

std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + separator.size());
    }
    return parts;
}

task<> serve(std::shared_ptr<fuzz::journal_server> server) {
    co_await server->serve();
}

task<> pull(async_generator<status> statuses) {
    while (auto each = co_await statuses.next()) (void)each;
}

/// One process after the other, with one store.
class processes {
 public:
    explicit processes(const fuzz::journal_plan& plan) : plan_(plan) {}

    session_store& store() { return *store_; }
    const fuzz::journal_received& received() const { return received_; }

    void begin() {
        auto settings = options()
                            .reconnect(false)
                            .dialer([this](const std::string&, std::uint16_t) { return dial(); })
                            .time_source(time_)
                            .tls(tls_mode::disabled)
                            .allow_plaintext_auth(true)
                            .session_store(store_);
        conn_.emplace(context_.get_executor(), "xmpp://example.org", std::move(settings));
        detail::spawn(context_.get_executor(), pull(conn_->connect(credentials(account, "secret"))),
                      [](const std::exception_ptr&) {});  // the process dies
        testing::run_until_idle(context_);
    }
    /// Gives the server time to acknowledge.
    void wait() { testing::run_for(context_, *time_, 10s); }
    void crash() {
        conn_.reset();
        testing::run_until_idle(context_);
    }
    connection& conn() { return *conn_; }
    bool settled() const { return conn_->connected() && conn_->health().unacked_stanzas == 0; }

    /// Begins processes until one has nothing to send any more.
    void settle(std::size_t stanzas) {
        for (std::size_t tries = 0; tries < 2 * stanzas + 4; ++tries) {
            begin();
            wait();
            conn_->rooms_joined();  // what waits for a room waits no more
            const bool done = settled();
            crash();
            if (done) return;
        }
        fuzz::fail("no connect() gets past what is kept");
    }

 private:
    task<std::unique_ptr<byte_stream>> dial() {
        auto [ours, theirs] = testing::memory_stream_pair(context_.get_executor());
        const auto server = std::make_shared<fuzz::journal_server>(
            context_.get_executor(), std::move(theirs), plan_, received_);
        detail::spawn(context_.get_executor(), serve(server), [](const std::exception_ptr&) {});
        co_return std::move(ours);
    }

    const fuzz::journal_plan& plan_;
    asio::io_context context_;
    std::shared_ptr<testing::virtual_clock> time_ = std::make_shared<testing::virtual_clock>();
    std::shared_ptr<session_store> store_ = make_memory_store();
    fuzz::journal_received received_;
    std::optional<connection> conn_;
};

/// The records are those of a store.
void load(const fuzz::journal_plan& plan, const std::vector<std::string>& records) {
    processes all(plan);
    for (const auto& each : records) all.store().append("stream:" + account.str(), each);
    std::size_t bytes = 0;
    for (const auto& each : records) bytes += each.size();
    // A record has many stanzas at most as bytes for them.
    all.settle(std::min<std::size_t>(records.size() + bytes / 20, 100));
}

/// May the server end a stream over it? Comments and processing instructions are not allowed (RFC
/// 6120 11.1).
bool is_restricted(const std::string& xml) {
    return xml.find("<!--") != xml.npos || xml.find("<?") != xml.npos;
}

/// The program sends each, as it is, and dies.
void send(const fuzz::journal_plan& plan, const std::vector<std::string>& markups) {
    processes all(plan);
    all.begin();
    if (!all.conn().connected()) fuzz::fail("no session");
    std::vector<std::string> sure;
    for (const auto& each : markups) {
        auto markup = unsafe_xml(each);
        const auto id = fmt::format("fuzz-{}", sure.size());
        try {
            if (markup.id().empty()) markup.set_id(id);
            const auto xml = markup.to_xml();
            all.conn().enqueue(std::move(markup));
            const auto sent = detail::trimmed(xml);
            const bool arrives = detail::kind_of(sent) == stanza_kind::message &&
                                 detail::can_be_sent(sent) && !is_restricted(xml) &&
                                 sent.size() + 100 < fuzz::largest_taken;
            if (arrives && stanza::parse(sent).id() == id) sure.push_back(id);
        } catch (const error&) {
            continue;  // refused at the call
        }
    }
    if (markups.size() % 2 == 0) all.wait();  // otherwise nothing has left yet
    all.crash();
    all.settle(markups.size());
    for (const auto& id : sure) {
        if (all.received().ids.count(id) == 0) fuzz::fail("a message is lost");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const bool from_store = (data[0] & 1U) != 0;
    fuzz::journal_plan plan{};
    plan.resumes = from_store && (data[0] & 2U) != 0;
    plan.counts = from_store && (data[0] & 4U) != 0;
    plan.limited = (data[0] & 8U) != 0;
    plan.handled = data[1];
    plan.ours_is_never_damaged = from_store;
    const auto parts = parts_of(fuzz::as_text(data, size).substr(2));
    if (from_store) {
        load(plan, parts);
    } else {
        send(plan, parts);
    }
    return 0;
}
