#include "xml/parser/xml_reader.hpp"

#include <xmpp/detail/xml_chars.hpp>
#include <xmpp/element.hpp>
#include <xmpp/ns.hpp>

#include "xml/parser/markup_scanner.hpp"
#include "xml/tree_walk.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr auto long_declaration =
    "comments, processing instructions and declarations are not allowed";

// Between pieces the limits are looked at; expat takes sizes as int.
constexpr std::size_t piece_size = 32'768;
// Offsets in a tree have 32 bits, and a tree may grow to a multiple of the input.
constexpr std::size_t max_stanza_bytes = std::size_t{1} << 28U;

bool is_utf8(std::string_view name) noexcept {
    constexpr std::string_view wanted = "utf-8";
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// How many bytes of the character that `rest` begins with follow its first: expat judges it when
/// they are there.
std::size_t bytes_to_come(std::string_view rest) noexcept {
    const auto lead = rest.empty() ? 0U : static_cast<unsigned char>(rest.front());
    const std::size_t wanted = lead < 0xC0 || lead > 0xF7 ? 0
                               : lead < 0xE0              ? 1
                               : lead < 0xF0              ? 2
                                                          : 3;
    return std::min(wanted, rest.size());
}

/// Is `name`, as reported by expat, in the namespace of streams?
const char* stream_local_name(const char* name) noexcept {
    if (std::strncmp(name, ns::streams.data(), ns::streams.size()) != 0) return nullptr;
    return name[ns::streams.size()] == name_separator ? name + ns::streams.size() + 1 : nullptr;
}

bool names_stream(const char* local) noexcept {
    constexpr std::string_view wanted = "stream";
    if (std::strncmp(local, wanted.data(), wanted.size()) != 0) return false;
    const char after = local[wanted.size()];
    return after == '\0' || after == name_separator;
}

/// Is `name`, as reported by expat, that of XEP-0124's wrapper?
bool is_http_body(std::string_view name) noexcept {
    constexpr std::string_view local = "body";
    if (!name.starts_with(ns::httpbind)) return false;
    name.remove_prefix(ns::httpbind.size());
    if (name.empty() || name.front() != name_separator) return false;
    name.remove_prefix(1);
    return name.substr(0, name.find(name_separator)) == local;
}

}  // namespace

xml_reader::xml_reader(framing kind, const xml_limits& limits)
    : parser_(std::make_unique<expat_parser>()), framing_(kind), limits_(limits), builder_(limits) {
    limits_.stanza_bytes = std::min(limits_.stanza_bytes, max_stanza_bytes);
}

void xml_reader::need_parser() {
    if (parser_ready_) return;
    if (!parser_) parser_ = std::make_unique<expat_parser>();
    if (stream_open_ && parser_->parse(root_.tag()) == XML_STATUS_ERROR) throw std::bad_alloc();
    parser_memory_at_first_ = parser_->memory();
    set_handlers();
    parser_ready_ = true;
}

void xml_reader::set_handlers() noexcept {
    const XML_Parser p = parser_->get();
    XML_SetUserData(p, this);
    XML_SetReturnNSTriplet(p, XML_TRUE);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartNamespaceDeclHandler(p, on_namespace);
    XML_SetXmlDeclHandler(p, on_declaration);
    XML_SetStartDoctypeDeclHandler(p, on_doctype);
    XML_SetProcessingInstructionHandler(p, on_instruction);
    XML_SetCommentHandler(p, on_comment);
}

void xml_reader::leave_parser() noexcept {
    if (parser_has_grown())
        parser_.reset();
    else if (parser_)
        parser_->reset();
    parser_ready_ = false;
    parser_begin_ = position_ = last_event_end_;
}

void xml_reader::reset() {
    builder_.clear();
    long_token_.release();
    events_.clear();
    next_event_ = 0;
    failure_.reset();
    thrown_ = nullptr;
    root_.clear();
    lang_.clear();
    waiting_.clear();
    finished_bytes_ = 0;
    fed_ = tree_begin_ = last_event_end_ = 0;
    namespaces_ = 0;
    foreign_content_ = stream_open_ = white_space_forbidden_ = cut_ = last_ = stopped_ = false;
    leave_parser();
}

void xml_reader::feed(std::string_view bytes) {
    if (stopped()) return;
    if (waiting_.empty()) bytes.remove_prefix(consume(bytes));
    waiting_.append(bytes);
}

/// Parses until too much is finished. \returns how many bytes that took
std::size_t xml_reader::consume(std::string_view bytes) {
    const auto size = bytes.size();
    if (fed_ == 0) {
        while (!bytes.empty() && is_xml_space(bytes.front())) bytes.remove_prefix(1);
        if (!bytes.empty()) check_first(static_cast<unsigned char>(bytes.front()));
    }
    while (!bytes.empty() && !stopped() && !full()) {
        const auto piece = bytes.substr(0, piece_size);
        fed_ += piece.size();
        if (!long_token_.active())
            parse(piece);
        else if (long_token_.hold(piece))
            parse(long_token_.release());
        bytes.remove_prefix(piece.size() - cut_short());
        if (!stopped()) check_progress();
    }
    return stopped() ? size : size - bytes.size();
}

/// Expat guesses an encoding from what follows, and so by where the bytes are cut.
void xml_reader::check_first(unsigned char byte) noexcept {
    constexpr unsigned char byte_order_mark = 0xEF;
    if (byte >= 0xFE)
        fail(stream_condition::unsupported_encoding, "the input is UTF-16, not UTF-8");
    else if (byte != '<' && byte != '\0' && byte != byte_order_mark)
        fail(stream_condition::not_well_formed, "the input does not begin with an element");
}

/// \returns how many bytes the parser was given that lie behind the tree where it was stopped. They
/// are the last ones: the tree ended in what came last.
std::size_t xml_reader::cut_short() noexcept {
    if (!std::exchange(cut_, false)) return 0;
    const auto left = fed_ - last_event_end_;
    fed_ = last_event_end_;
    leave_parser();
    return static_cast<std::size_t>(left);
}

void xml_reader::finish() {
    last_ = true;
    if (waiting_.empty()) end_input();
}

void xml_reader::end_input() {
    if (stopped()) return;
    parse(long_token_.release());
    if (!stopped() && parser_->parse({}, true) == XML_STATUS_ERROR) fail_by_expat();
}

void xml_reader::parse(std::string_view bytes) {
    need_parser();
    const auto status = parser_->parse(bytes);
    if (thrown_) std::rethrow_exception(thrown_);
    if (status == XML_STATUS_ERROR && !stopped() && !cut_) fail_by_expat();
}

/// Enforces the limit on what has no end yet.
void xml_reader::check_progress() {
    const auto unfinished = fed_ - position();
    const auto tree_bytes = builder_.depth() > 0 ? fed_ - tree_begin_ : 0;
    if (std::max(unfinished, tree_bytes) > limits_.stanza_bytes)
        return fail(stream_condition::policy_violation, "a stanza exceeds max_stanza_bytes");
    if (unfinished > long_token::threshold && !long_token_.active()) begin_long_token();
}

void xml_reader::begin_long_token() {
    int offset = 0;
    int size = 0;
    const char* context =
        parser_ready_ ? XML_GetInputContext(parser_->get(), &offset, &size) : nullptr;
    if (context == nullptr) return;  // an expat without context: its scanning stays quadratic
    const std::string_view token(context + offset, static_cast<std::size_t>(size - offset));
    if (token.starts_with('&'))
        return fail(stream_condition::not_well_formed, "an entity reference without an end");
    if (token.starts_with("<!") || token.starts_with("<?"))
        return fail(stream_condition::restricted_xml, long_declaration);
    if (!token.starts_with('<'))  // a literal, which only a document type declaration can have
        return fail(stream_condition::not_well_formed, "the input does not begin with an element");
    long_token_.begin(token);
}

/// What expat has stopped in: it stops at a character that can't be, or at the end of a token that
/// is wrong as a whole. Nothing where that has begun before what expat still has.
std::optional<xml_reader::stopped_item> xml_reader::item_at_error(
    std::uint64_t parsed_before) noexcept {
    int offset = 0;
    int size = 0;
    const char* context = XML_GetInputContext(parser_->get(), &offset, &size);
    const auto parsed = static_cast<std::size_t>(position() - parsed_before);
    if (context == nullptr || static_cast<std::size_t>(offset) < parsed) return std::nullopt;
    const bool at_character = XML_GetErrorCode(parser_->get()) == XML_ERROR_INVALID_TOKEN;
    const std::string_view rest(context + offset, static_cast<std::size_t>(size - offset));
    const auto known = parsed + (at_character ? bytes_to_come(rest) : rest.size());
    const std::string_view markup(context + offset - parsed, known);
    markup_scanner scanner(markup);
    auto kind = scanner.next();
    const auto is_before = [&] {
        // Text has no end of its own.
        const bool may_go_on =
            kind == markup_scanner::item::text && scanner.end_of_item() == markup.size();
        return scanner.end_of_item() < parsed || (scanner.end_of_item() == parsed && !may_go_on);
    };
    bool before_root = parsed_before == 0;
    while (kind != markup_scanner::item::broken && kind != markup_scanner::item::end &&
           is_before()) {
        // What stands there in place of a tag may be a literal, and what is in it no markup.
        const bool is_text = kind == markup_scanner::item::text;
        const auto text = markup.substr(scanner.at(), scanner.end_of_item() - scanner.at());
        if (before_root && is_text && !is_blank(text)) return std::nullopt;
        before_root = before_root && (is_text || kind == markup_scanner::item::hidden);
        kind = scanner.next();
    }
    const auto begin = std::min(scanner.at(), parsed);
    const auto end = kind == markup_scanner::item::broken ? known : scanner.end_of_item();
    return stopped_item{markup.substr(begin, std::max(begin, end) - begin),
                        markup.substr(begin, parsed - begin),
                        kind == markup_scanner::item::text && at_character};
}

/// What would have been refused before, had it come in smaller pieces, is refused alike.
void xml_reader::fail_by_earlier_bytes(const stopped_item& stopped) {
    // Expat takes other declarations word by word.
    const bool is_declaration =
        stopped.markup.starts_with("<!--") || stopped.markup.starts_with("<?");
    if (is_declaration && stopped.markup.size() > long_token::threshold)
        return fail(stream_condition::restricted_xml, long_declaration);
    if (!stopped.is_text || !stream_open_ || builder_.depth() > 0) return;
    auto text = stopped.before_error;
    constexpr std::string_view end_of_cdata = "]]";  // and the ">" at which expat stops
    if (text.ends_with(end_of_cdata)) text.remove_suffix(end_of_cdata.size());
    check_text_between_trees(text);
}

std::optional<reader_event> xml_reader::poll() {
    if (next_event_ == events_.size() && !waiting_.empty()) go_on();
    if (next_event_ == events_.size()) return std::nullopt;
    std::optional<reader_event> event(std::move(events_[next_event_++]));
    if (next_event_ == events_.size()) {
        events_.clear();
        next_event_ = 0;
        finished_bytes_ = 0;
    }
    return event;
}

void xml_reader::go_on() {
    waiting_.erase(0, consume(waiting_));
    if (waiting_.empty()) waiting_ = std::string();  // it may have been large
    if (waiting_.empty() && last_) end_input();
}

std::uint64_t xml_reader::position() noexcept {
    if (!parser_ready_) return position_;
    if (const auto at = parser_->position()) {
        const std::uint64_t root_bytes = parser_begin_ != 0 ? root_.tag().size() : 0;
        if (*at >= root_bytes) position_ = parser_begin_ + *at - root_bytes;
    }
    return position_;
}

std::uint64_t xml_reader::end_of_event() noexcept {
    return position() + static_cast<std::uint64_t>(XML_GetCurrentByteCount(parser_->get()));
}

bool xml_reader::idle() const noexcept {
    return events_.empty() && !failure_ && between_trees();
}

void xml_reader::emit(reader_event::kind what, document content) {
    if (content) finished_bytes_ += tree_access::bytes(content.root());
    events_.push_back({what, std::move(content)});
    last_event_end_ = end_of_event();
}

void xml_reader::fail(stream_condition condition, const char* reason) noexcept {
    if (failure_) return;
    failure_ = failure{condition, reason, position()};
    stop();
}

void xml_reader::stop() noexcept {
    stopped_ = true;
    if (parser_) XML_StopParser(parser_->get(), XML_FALSE);
}

void xml_reader::fail_by_expat() {
    if (const auto stopped = item_at_error(position_)) fail_by_earlier_bytes(*stopped);
    if (failure_) return;
    const auto code = XML_GetErrorCode(parser_->get());
    const char* reason = XML_ErrorString(code);
    switch (code) {
        case XML_ERROR_NO_MEMORY:
            throw std::bad_alloc();
        case XML_ERROR_UNBOUND_PREFIX:
            return fail(stream_condition::bad_namespace_prefix, reason);
        case XML_ERROR_UNKNOWN_ENCODING:
        case XML_ERROR_INCORRECT_ENCODING:
            return fail(stream_condition::unsupported_encoding, reason);
        default:
            break;
    }
    if (after_markup_declaration())
        return fail(stream_condition::restricted_xml, "document type declarations are not allowed");
    fail(stream_condition::not_well_formed, reason);
}

/// Did expat stop at what follows `<!`? Inside elements it has no other word for a DOCTYPE.
bool xml_reader::after_markup_declaration() const noexcept {
    int offset = 0;
    int size = 0;
    const char* context = XML_GetInputContext(parser_->get(), &offset, &size);
    return context != nullptr && offset >= 2 && offset < size &&
           std::string_view(context + offset - 2, 2) == "<!";
}

template <class Work>
void xml_reader::guard(Work work) noexcept {
    if (stopped() || cut_) return;  // expat may report a little more after it was told to stop
    try {
        work();
    } catch (...) {
        thrown_ = std::current_exception();
        stop();
    }
}

void XMLCALL xml_reader::on_start(void* self, const char* name, const char** attributes) {
    auto* reader = static_cast<xml_reader*>(self);
    reader->guard([&] { reader->start(name, attributes); });
}

void XMLCALL xml_reader::on_end(void* self, const char*) {
    auto* reader = static_cast<xml_reader*>(self);
    reader->guard([&] { reader->end(); });
}

void XMLCALL xml_reader::on_text(void* self, const char* data, int size) {
    auto* reader = static_cast<xml_reader*>(self);
    reader->guard([&] {
        const std::string_view text(data, static_cast<std::size_t>(size));
        if (reader->builder_.depth() > 0)
            reader->builder_.text(text.data(), text.size());
        else
            reader->check_text_between_trees(text);
    });
}

void xml_reader::check_text_between_trees(std::string_view text) noexcept {
    if (!is_blank(text))
        fail(stream_condition::bad_format, "text between stanzas");
    else if (white_space_forbidden_ && !text.empty())
        fail(stream_condition::bad_format, "white space between negotiation elements");
}

void XMLCALL xml_reader::on_namespace(void* self, const char* prefix, const char* uri) {
    auto* reader = static_cast<xml_reader*>(self);
    reader->guard([&] { reader->declare_namespace(prefix, uri); });
}

void xml_reader::declare_namespace(const char* prefix, const char* uri) {
    if (is_foreign_content(prefix, uri)) foreign_content_ = true;
    if (++namespaces_ > limits_.attributes)
        return fail(stream_condition::policy_violation, "too many namespace declarations");
    builder_.declare(prefix, uri);
    if (framing_ != framing::document && !stream_open_) root_.declare(prefix, uri);
}

void XMLCALL xml_reader::on_declaration(void* self, const char*, const char* declared, int) {
    auto* reader = static_cast<xml_reader*>(self);
    reader->guard([&] {
        const auto size = XML_GetCurrentByteCount(reader->parser_->get());
        if (size > static_cast<int>(long_token::threshold))
            reader->fail(stream_condition::restricted_xml, long_declaration);
        else if (declared != nullptr && !is_utf8(declared))
            reader->fail(stream_condition::unsupported_encoding, "only UTF-8 is supported");
    });
}

void XMLCALL xml_reader::on_doctype(void* self, const char*, const char*, const char*, int) {
    auto* reader = static_cast<xml_reader*>(self);
    reader->guard([&] {
        reader->fail(stream_condition::restricted_xml,
                     "document type declarations are not allowed");
    });
}

void XMLCALL xml_reader::on_instruction(void* self, const char*, const char*) {
    auto* reader = static_cast<xml_reader*>(self);
    reader->guard([&] {
        reader->fail(stream_condition::restricted_xml, "processing instructions are not allowed");
    });
}

void XMLCALL xml_reader::on_comment(void* self, const char*) {
    auto* reader = static_cast<xml_reader*>(self);
    reader->guard(
        [&] { reader->fail(stream_condition::restricted_xml, "comments are not allowed"); });
}

void xml_reader::start(const char* name, const char** attributes) {
    namespaces_ = 0;
    if (framing_ != framing::document && !stream_open_) return open_stream(name, attributes);
    if (builder_.depth() == 0) {
        tree_begin_ = position();
        const char* local = framing_ == framing::stream ? stream_local_name(name) : nullptr;
        if (local != nullptr && names_stream(local))
            return fail(stream_condition::invalid_xml, "a stream inside the stream");
    }
    if (!builder_.open(name, attributes))
        fail(stream_condition::policy_violation,
             "a stanza exceeds the limits on depth, attributes, names or size");
}

/// RFC 6120 4.8.2: the header's default namespace is that of the stanzas, or the stream's own where
/// each stanza declares one.
bool xml_reader::is_foreign_content(const char* prefix, const char* uri) const noexcept {
    if (framing_ != framing::stream || stream_open_ || prefix != nullptr || uri == nullptr) {
        return false;
    }
    const std::string_view declared(uri);
    return declared != content_ns_ && declared != ns::streams;
}

bool xml_reader::check_root(const char* name) noexcept {
    if (framing_ == framing::body) {
        if (!is_http_body(name))
            fail(stream_condition::bad_format, "the root is not the body of an HTTP binding");
        return !stopped();
    }
    const char* local = stream_local_name(name);
    if (local == nullptr)
        fail(stream_condition::invalid_namespace, "the root is not a stream element");
    else if (!names_stream(local))
        fail(stream_condition::bad_format, "the root is not a stream element");
    else if (foreign_content_)
        fail(stream_condition::invalid_namespace, "the stream is not for our kind of stanzas");
    return !stopped();
}

void xml_reader::open_stream(const char* name, const char** attributes) {
    if (!check_root(name)) return;
    if (!builder_.open(name, attributes))
        return fail(stream_condition::policy_violation, "the stream header exceeds the limits");
    root_.named(name);
    if (root_.too_long())
        return fail(stream_condition::policy_violation, "the stream header exceeds the limits");
    auto header = builder_.freeze({});
    lang_ = header.root().lang();
    stream_open_ = true;
    emit(reader_event::kind::opened, std::move(header));
}

void xml_reader::end() {
    if (builder_.depth() == 0) {
        emit(reader_event::kind::closed, {});
        return stop();
    }
    if (!builder_.close())
        return fail(stream_condition::policy_violation, "a stanza exceeds max_stanza_bytes");
    if (builder_.depth() > 0) return;
    if (end_of_event() - tree_begin_ > limits_.stanza_bytes)
        return fail(stream_condition::policy_violation, "a stanza exceeds max_stanza_bytes");
    emit(reader_event::kind::tree, builder_.freeze(lang_));
    if (framing_ == framing::document || !(full() || parser_has_grown())) return;
    cut_ = true;
    XML_StopParser(parser_->get(), XML_FALSE);
}

}  // namespace xmpp::detail
