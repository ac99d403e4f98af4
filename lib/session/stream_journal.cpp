#include "session/stream_journal.hpp"

#include "base/received_jid.hpp"
#include "session/account.hpp"
#include "store/length_prefix.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace xmpp::detail {
namespace {

constexpr std::string_view heading = "xmpp stream 1\n";
constexpr std::size_t many_changes = 1000;

enum class change : char { sent = 's', acknowledged = 'a', handled = 'h' };

void append_text(std::string& out, std::string_view text) {
    append_length(out, text.size());
    out.append(text);
}

void append_stanza(std::string& out, const outgoing_stanza& added) {
    const auto accepted = std::chrono::floor<std::chrono::seconds>(added.accepted);
    out += static_cast<char>(added.kind);
    out += added.doubtful ? '\1' : '\0';
    append_length(out, static_cast<std::uint32_t>(accepted.time_since_epoch().count()));
    append_text(out, added.xml);
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

    outgoing_stanza stanza() {
        outgoing_stanza read;
        read.kind = static_cast<stanza_kind>(letter());
        read.doubtful = letter() != '\0';
        read.accepted = decltype(read.accepted)(std::chrono::seconds(number()));
        read.xml = text();
        ok_ = ok_ && read.kind < stanza_kind::other && !read.xml.empty();
        return read;
    }

 private:
    std::string_view rest_;
    bool ok_ = true;
};

std::optional<kept_stream> read_whole(std::string_view bytes, const jid& account) {
    record_reader reader(bytes);
    if (reader.bytes(heading.size()) != heading) return std::nullopt;
    kept_stream read;
    const auto user = received_jid(reader.text());
    read.state.id = reader.text();
    read.state.location = reader.text();
    read.state.acknowledged = reader.number();
    read.state.handled = reader.number();
    while (reader.ok() && !reader.at_end()) read.unacked.push(reader.stanza());
    const bool ours = user && is_of_account(*user, account);
    const bool usable = reader.ok() && ours && (read.state.id.empty() || !user->is_bare());
    if (!usable) return std::nullopt;
    read.state.user = *user;
    return read;
}

bool apply_acknowledged(kept_stream& to, std::uint32_t count) {
    const std::uint32_t more = count - to.state.acknowledged;
    if (more > to.unacked.size()) return false;
    for (std::uint32_t i = 0; i < more; ++i) to.unacked.pop();
    to.state.acknowledged = count;
    return true;
}

bool add_change(std::string_view bytes, kept_stream& to) {
    record_reader reader(bytes);
    switch (static_cast<change>(reader.letter())) {
        case change::sent: {
            const auto added = reader.stanza();
            if (!reader.ok() || !reader.at_end()) return false;
            to.unacked.push(added);
            return true;
        }
        case change::acknowledged: {
            const auto count = reader.number();
            return reader.ok() && reader.at_end() && apply_acknowledged(to, count);
        }
        case change::handled:
            to.state.handled = reader.number();
            return reader.ok() && reader.at_end();
    }
    return false;
}

}  // namespace

std::string stream_key(const jid& account) {
    return "stream:" + account.bare().str();
}

stream_journal::stream_journal(std::shared_ptr<session_store> store, const jid& account)
    : store_(std::move(store)), account_(account.bare()), key_(stream_key(account)) {}

std::optional<kept_stream> stream_journal::load() const {
    const auto records = store_->load(key_);
    if (records.empty()) return std::nullopt;
    auto read = read_whole(records.front(), account_);
    for (std::size_t i = 1; read && i < records.size(); ++i) {
        if (!add_change(records[i], *read)) return std::nullopt;
    }
    const bool of_use = read && (!read->state.id.empty() || !read->unacked.empty());
    return of_use ? std::move(read) : std::nullopt;
}

void stream_journal::begin(const stream_state& state, const unacked_stanzas& unacked) {
    std::string record(heading);
    append_text(record, state.id.empty() ? account_.str() : state.user.str());
    append_text(record, state.id);
    append_text(record, state.location);
    append_length(record, state.acknowledged);
    append_length(record, state.handled);
    unacked.for_each([&record](const outgoing_stanza& each) { append_stanza(record, each); });
    store_->replace(key_, record);
    begun_ = true;
    changes_ = 0;
}

void stream_journal::sent(const outgoing_stanza& added) {
    std::string record(1, static_cast<char>(change::sent));
    append_stanza(record, added);
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
