// What a server says about a managed stream (XEP-0198), in any order and between anything that the
// client does; and what a store gives back of a stream.
#include "stream/management/stream_management.hpp"

#include <xmpp/error.hpp>
#include <xmpp/session_store.hpp>
#include <xmpp/stanza.hpp>

#include "stream/management/stream_journal.hpp"
#include "target.hpp"

#include <fmt/format.h>

#include <deque>
#include <string>
#include <vector>

using namespace xmpp;

namespace {

const jid account("juliet@example.org");

/// The client's part, beside what the counters keep: the numbers of what is not acknowledged.
class model {
 public:
    void send() {
        const auto number = counters_.keep(
            {stanza_kind::message, fmt::format("<message id='{}'/>", sent_.size()), {}});
        if (!sent_.empty() && number <= sent_.back()) fuzz::fail("a number came twice");
        sent_.push_back(number);
        counters_.handed_over_but(0);
    }

    void lose() { counters_.link_lost(); }

    void enable() { counters_.enable_sent(); }

    void hear(const element& said) {
        const auto before = counters_.state().acknowledged;
        try {
            if (said.name() == "a") arrived(counters_.acknowledge(said.attr("h")), before);
            if (said.name() == "resumed") arrived(counters_.resumed(said), before);
            if (said.name() == "enabled") counters_.enabled(said, account.with_resource("x"));
            if (said.name() == "message") counters_.received();
            if (said.name() == "failed") {
                if (const auto count = counters_.resume_refused(said)) arrived(*count, before);
                counters_.forget_stream();
            }
        } catch (const error&) {
            // Typed, and nothing was taken.
        }
        if (counters_.unacked().size() != sent_.size()) fuzz::fail("something is missing");
    }

    /// What is kept says the same when it was read again.
    void keep_and_read() {
        if (!counters_.resumable()) return;
        const auto store = make_memory_store();
        detail::stream_journal journal(store, account);
        journal.begin(counters_.state(), counters_.unacked(), {});
        const auto read = journal.load();
        if (!read || read->unacked.size() != sent_.size() ||
            read->state.handled != counters_.state().handled ||
            read->state.acknowledged != counters_.state().acknowledged) {
            fuzz::fail("a stream that was kept is another one");
        }
    }

 private:
    void arrived(std::size_t count, std::uint32_t before) {
        if (count > sent_.size()) fuzz::fail("more was acknowledged than sent");
        const bool counted = count == 0 || counters_.state().id.empty() ||
                             counters_.state().acknowledged - before == count;
        if (!counted) fuzz::fail("the count is wrong");
        for (; count > 0; --count) {
            if (counters_.unacked().first() != sent_.front()) fuzz::fail("out of order");
            counters_.pop();
            sent_.pop_front();
        }
    }

    detail::stream_management counters_;
    std::deque<std::uint64_t> sent_;
};

void play(std::string_view lines) {
    model client;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        if (line == "s") client.send();
        if (line == "l") client.lose();
        if (line == "e") client.enable();
        if (line == "k") client.keep_and_read();
        if (!line.starts_with('<')) continue;
        try {
            const auto said = stanza::parse(line);
            client.hear(said.root());
        } catch (const error&) {
            // Not XML.
        }
    }
}

/// Each line a record, which the store hands out as it is.
void load(std::string_view lines) {
    const auto store = make_memory_store();
    const auto key = "stream:" + account.str();
    while (!lines.empty()) {
        const auto end = lines.find("\n--\n");
        store->append(key, lines.substr(0, end));
        lines.remove_prefix(end == lines.npos ? lines.size() : end + 4);
    }
    const auto read = detail::stream_journal(store, account).load();
    if (!read) return;
    if (read->state.user.bare() != account) fuzz::fail("somebody else's stream was taken");
    if (read->state.id.empty() && read->unacked.empty() && read->held.empty())
        fuzz::fail("nothing was taken for a stream");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::as_text(data, size);
    play(text);
    load(text);
    return 0;
}
