#pragma once

#include <xmpp/detail/tree.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>

#include "xml/parser/expat_parser.hpp"
#include "xml/parser/limits.hpp"
#include "xml/parser/long_token.hpp"
#include "xml/parser/stream_root.hpp"
#include "xml/parser/tree_builder.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

/// What a parser makes of the bytes.
struct reader_event {
    enum class kind { opened, tree, closed };
    kind what;
    document content;  // the header, the stanza; nothing when closed
};

/// Drives expat over bytes as they come and turns them into trees, within limits. Does not throw
/// but bad_alloc: what is wrong with the input is kept as a failure.
///
/// Two bounds hold whatever the peer sends. When the trees that nobody has taken yet hold
/// max_finished_bytes, parsing stops; the bytes behind them wait until poll() has handed all of
/// them out. And when expat has grown by max_parser_growth, as it does with each new name, a new
/// parser goes on at the end of the tree: it is given the tag of the stream first.
class xml_reader {
 public:
    /// Are the trees children of a stream element, or of the body of an HTTP binding (XEP-0124),
    /// or is the whole input one tree?
    enum class framing { stream, body, document };

    static constexpr std::size_t max_finished_bytes = 262'144;
    static constexpr std::size_t max_parser_growth = 262'144;

    struct stopped_item {
        std::string_view markup;
        std::string_view before_error;
        bool is_text;
    };
    struct failure {
        stream_condition condition;
        const char* reason;
        std::uint64_t at;  // byte of the stream
    };

    xml_reader(framing kind, const xml_limits& limits);
    xml_reader(const xml_reader&) = delete;
    xml_reader& operator=(const xml_reader&) = delete;

    /// After a failure or the end of the stream, bytes are ignored.
    void feed(std::string_view bytes);
    /// There is no more input.
    void finish();
    /// Begins anew, with the buffers that are there.
    void reset();

    /// The next complete event; nothing when more bytes are needed.
    std::optional<reader_event> poll();
    const std::optional<failure>& failed() const noexcept { return failure_; }
    bool idle() const noexcept;
    /// The last byte was the end of a tree, or of the stream's header.
    bool between_trees() const noexcept { return waiting_.empty() && fed_ == last_event_end_; }
    /// Something can be polled without going on to parse.
    bool has_finished() const noexcept { return next_event_ != events_.size(); }
    /// Bytes were left over: poll() goes on with them once it has handed out what is finished.
    bool has_waiting() const noexcept { return !waiting_.empty(); }
    /// The trees that are finished and not handed out, in bytes.
    std::size_t finished_bytes() const noexcept { return finished_bytes_; }
    /// Bytes that expat holds.
    std::size_t parser_memory() const noexcept { return parser_ ? parser_->memory() : 0; }

    /// From here to reset(), white space between trees is a failure.
    void forbid_white_space() noexcept { white_space_forbidden_ = true; }

    /// See tree_builder.
    void of_component() noexcept {
        builder_.of_component();
        content_ns_ = ns::component;
    }

    /// What trees inherit as their language.
    void stream_lang(std::string_view lang) { lang_ = lang; }

 private:
    static void XMLCALL on_start(void* self, const char* name, const char** attributes);
    static void XMLCALL on_end(void* self, const char* name);
    static void XMLCALL on_text(void* self, const char* data, int size);
    static void XMLCALL on_namespace(void* self, const char* prefix, const char* uri);
    static void XMLCALL on_declaration(void* self, const char* version, const char* encoding,
                                       int standalone);
    static void XMLCALL on_doctype(void* self, const char*, const char*, const char*, int);
    static void XMLCALL on_instruction(void* self, const char*, const char*);
    static void XMLCALL on_comment(void* self, const char*);

    bool full() const noexcept { return finished_bytes_ >= max_finished_bytes; }
    void need_parser();
    void set_handlers() noexcept;
    /// Leaves the parser behind between two trees, with its memory when that has grown; the next
    /// bytes bring one that knows the stream's root.
    void leave_parser() noexcept;
    bool parser_has_grown() const noexcept {
        return parser_ && parser_->memory() > parser_memory_at_first_ + max_parser_growth;
    }
    void declare_namespace(const char* prefix, const char* uri);
    std::size_t consume(std::string_view bytes);
    void check_first(unsigned char byte) noexcept;
    std::size_t cut_short() noexcept;
    void go_on();
    void end_input();
    void start(const char* name, const char** attributes);
    void end();
    void open_stream(const char* name, const char** attributes);
    bool check_root(const char* name) noexcept;
    bool is_foreign_content(const char* prefix, const char* uri) const noexcept;
    void emit(reader_event::kind what, document content);
    void parse(std::string_view bytes);
    void check_progress();
    void begin_long_token();
    void fail(stream_condition condition, const char* reason) noexcept;
    void fail_by_expat();
    void stop() noexcept;
    bool after_markup_declaration() const noexcept;
    std::optional<stopped_item> item_at_error(std::uint64_t parsed_before) noexcept;
    void fail_by_earlier_bytes(const stopped_item& stopped);
    void check_text_between_trees(std::string_view text) noexcept;
    bool stopped() const noexcept { return stopped_; }
    std::uint64_t position() noexcept;
    std::uint64_t end_of_event() noexcept;
    /// Runs a handler's work; an exception must not pass through expat.
    template <class Work>
    void guard(Work work) noexcept;

    std::unique_ptr<expat_parser> parser_;
    const framing framing_;
    xml_limits limits_;
    tree_builder builder_;
    long_token long_token_;
    stream_root root_;
    std::vector<reader_event> events_;  // ring by index: those before next_event_ are handed out
    std::size_t next_event_ = 0;
    std::optional<failure> failure_;
    std::exception_ptr thrown_;
    std::string lang_;
    std::string waiting_;  // input that was left over when too much was finished
    std::size_t finished_bytes_ = 0;
    std::size_t parser_memory_at_first_ = 0;
    std::uint64_t parser_begin_ = 0;  // in the stream; the root that it is given ends there
    std::uint64_t position_ = 0;      // the last one that expat told
    std::uint64_t fed_ = 0;           // bytes, those held back included
    std::uint64_t tree_begin_ = 0;    // where the current stanza began
    std::uint64_t last_event_end_ = 0;
    std::size_t namespaces_ = 0;  // declared by the coming start tag
    std::string_view content_ns_ = ns::client;
    bool foreign_content_ = false;  // the header declares another namespace for stanzas
    bool stream_open_ = false;
    bool white_space_forbidden_ = false;
    bool parser_ready_ = false;
    bool cut_ = false;      // stopped at the end of a tree, to go on later or with a new parser
    bool last_ = false;     // no more input follows what waits
    bool stopped_ = false;  // by a failure, an exception, or the end of the stream
};

}  // namespace xmpp::detail
