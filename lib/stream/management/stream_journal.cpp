#include "stream/management/stream_journal.hpp"

#include <xmpp/error.hpp>

#include "address/received_jid.hpp"
#include "sasl/account.hpp"
#include "store/length_prefix.hpp"
#include "stream/management/resend.hpp"
#include "xml/writer/escape.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::string_view heading = "xmpp stream 1\n";
constexpr std::size_t many_changes = 1000;

// Of a stanza.
constexpr unsigned doubtful = 1;
constexpr unsigned suspected = 2;
constexpr unsigned held = 4;  // no stream counts it

enum class change : char { sent = 's', acknowledged = 'a', handled = 'h' };

void put_text(std::string& out, std::string_view text) {
    append_length(out, text.size());
    out.append(text);
}

unsigned flags_of(const outgoing_stanza& added) {
    return (added.doubtful ? doubtful : 0u) | (added.suspected ? suspected : 0u);
}

void put_stanza(std::string& out, const outgoing_stanza& added, unsigned flags) {
    const auto accepted = std::chrono::floor<std::chrono::seconds>(added.accepted);
    out += static_cast<char>(added.kind);
    out += static_cast<char>(flags);
    append_length(out, static_cast<std::uint32_t>(accepted.time_since_epoch().count()));
    put_text(out, added.xml);
}

std::string counter(change what, std::uint32_t count) {
    std::string record(1, static_cast<char>(what));
    append_length(record, count);
    return record;
}

/// Takes what the functions above have put together apart. Once something is wrong it has nothing
/// more to give.
class record_reader {
 public:
    explicit record_reader(std::string_view bytes) : rest_(bytes) {}

    bool ok() const noexcept { return ok_; }
    bool at_end() const noexcept { return rest_.empty(); }

    std::string_view bytes(std::size_t count) {
        ok_ = ok_ && rest_.size() >= count;
        const auto taken = ok_ ? rest_.substr(0, count) : std::string_view();
        if (ok_) rest_.remove_prefix(count);
        return taken;
    }
    char letter() {
        const auto taken = bytes(1);
        return ok_ ? taken.front() : '\0';
    }
    std::uint32_t number() {
        const auto taken = bytes(length_bytes);
        return ok_ ? read_length(taken) : 0;
    }
    std::string_view text() { return bytes(number()); }

    /// Of the stanza that was read last.
    bool is_held() const noexcept { return is_held_; }

    outgoing_stanza stanza() {
        outgoing_stanza read;
        (void)letter();  // the markup tells its kind
        const auto flags = static_cast<unsigned char>(letter());
        read.doubtful = (flags & doubtful) != 0;
        read.suspected = (flags & suspected) != 0;
        is_held_ = (flags & held) != 0;
        read.accepted = decltype(read.accepted)(std::chrono::seconds(number()));
        read.xml = text();
        read.kind = ok_ && can_be_sent(read.xml) ? kind_of(read.xml) : stanza_kind::other;
        return read;
    }

 private:
    std::string_view rest_;
    bool ok_ = true;
    bool is_held_ = false;
};

/// Can it stand in a request?
bool is_attribute_value(std::string_view text) {
    std::string written;
    try {
        append_attribute_value(written, text);
    } catch (const error&) {
        return false;
    }
    return true;
}

/// Puts together what records say, as far as they can be read.
class loader {
 public:
    explicit loader(const jid& account) : account_(account) {}

    /// False when nothing can be made of it, nor of what follows.
    bool begin(std::string_view bytes) {
        record_reader reader(bytes);
        const bool known = reader.bytes(heading.size()) == heading;
        const auto user = received_jid(reader.text());
        read_.state.id = reader.text();
        read_.state.location = reader.text();
        read_.state.acknowledged = reader.number();
        read_.state.handled = reader.number();
        const bool ours = known && reader.ok() && user && is_of_account(*user, account_);
        if (!ours || (!read_.state.id.empty() && user->is_bare())) return false;
        read_.state.user = *user;
        while (!reader.at_end() && reader.ok()) {
            const auto added = reader.stanza();
            if (reader.ok() && reader.is_held()) {
                hold(added);
            } else if (reader.ok()) {
                push(added);
            }
        }
        if (!reader.ok() || !is_attribute_value(read_.state.id)) lose_count();
        return true;
    }

    void add(std::string_view bytes) {
        record_reader reader(bytes);
        const auto what = static_cast<change>(reader.letter());
        if (what == change::acknowledged || what == change::handled) {
            const auto count = reader.number();
            const bool whole = reader.ok() && reader.at_end();
            const bool taken = whole && (what == change::handled || acknowledge(count));
            if (taken && what == change::handled) read_.state.handled = count;
            if (!taken) ++left_out_;
            return;
        }
        // Whatever else it is, it may have been a stanza, which the server counts.
        const auto added = what == change::sent ? reader.stanza() : gap();
        push(reader.ok() && reader.at_end() ? added : gap());
    }

    std::size_t left_out() const noexcept { return left_out_; }

    std::optional<kept_stream> finish() {
        if (read_.state.id.empty()) fill_gaps();
        const bool of_use =
            !read_.state.id.empty() || !read_.unacked.empty() || !read_.held.empty();
        return of_use ? std::optional(std::move(read_)) : std::nullopt;
    }

 private:
    /// What is counted, and can't be sent.
    static outgoing_stanza gap() { return {stanza_kind::other, {}, {}}; }

    void push(const outgoing_stanza& added) {
        const bool usable = added.kind != stanza_kind::other;
        if (!usable) ++left_out_;
        read_.unacked.push(usable ? added : gap());
    }

    void hold(const outgoing_stanza& added) {
        if (added.kind != stanza_kind::other) {
            read_.held.add(added);
        } else {
            ++left_out_;
        }
    }

    /// Nobody knows how many stanzas are missing here: the stream can't be resumed, and what was
    /// acknowledged later may be any of them.
    void lose_count() {
        ++left_out_;
        read_.state.id.clear();
        before_loss_ = read_.unacked.size();
    }

    bool acknowledge(std::uint32_t count) {
        std::size_t more = count - read_.state.acknowledged;
        if (before_loss_) {
            more = std::min(more, *before_loss_);
            *before_loss_ -= more;
        }
        if (more > read_.unacked.size()) return false;
        for (; more > 0; --more) read_.unacked.pop();
        read_.state.acknowledged = count;
        return true;
    }

    void fill_gaps() {
        for (auto kept = std::exchange(read_.unacked, {}); !kept.empty(); kept.pop()) {
            if (kept.front().kind != stanza_kind::other) read_.unacked.push(kept.front());
        }
    }

    const jid& account_;
    kept_stream read_;
    std::size_t left_out_ = 0;
    std::optional<std::size_t> before_loss_;
};

}  // namespace

std::string stream_key(const jid& account) {
    return "stream:" + account.bare().str();
}

stream_journal::stream_journal(std::shared_ptr<session_store> store, const jid& account)
    : store_(std::move(store)), account_(account.bare()), key_(stream_key(account)) {}

std::optional<kept_stream> stream_journal::load() {
    const auto records = store_->load(key_);
    left_out_ = records.size();
    if (records.empty()) return std::nullopt;
    loader kept(account_);
    if (!kept.begin(records.front())) return std::nullopt;
    for (std::size_t i = 1; i < records.size(); ++i) kept.add(records[i]);
    left_out_ = kept.left_out();
    return kept.finish();
}

void stream_journal::begin(const stream_state& state, const unacked_stanzas& unacked,
                           const held_messages& held_back) {
    std::string record(heading);
    put_text(record, state.id.empty() ? account_.str() : state.user.str());
    put_text(record, state.id);
    put_text(record, state.location);
    append_length(record, state.acknowledged);
    append_length(record, state.handled);
    unacked.for_each(
        [&record](const outgoing_stanza& each) { put_stanza(record, each, flags_of(each)); });
    for (const auto& each : held_back.entries()) {
        put_stanza(record, each.message(), flags_of(each.message()) | held);
    }
    store_->replace(key_, record);
    begun_ = true;
    changes_ = 0;
}

void stream_journal::sent(const outgoing_stanza& added) {
    std::string record(1, static_cast<char>(change::sent));
    put_stanza(record, added, flags_of(added));
    append(record);
}

void stream_journal::acknowledged(std::uint32_t count) {
    append(counter(change::acknowledged, count));
}

void stream_journal::handled(std::uint32_t count) {
    append(counter(change::handled, count));
}

bool stream_journal::is_long(const unacked_stanzas& unacked) const noexcept {
    return changes_ > many_changes + 2 * unacked.size();
}

void stream_journal::end() {
    begun_ = false;
    store_->erase(key_);
}

void stream_journal::append(std::string_view record) {
    if (!begun_) return;
    store_->append(key_, record);
    ++changes_;
}

}  // namespace xmpp::detail
