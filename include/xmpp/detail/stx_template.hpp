#pragma once

#include <xmpp/detail/xml_chars.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// \file
/// Reads the templates of stx() at compile time: checks them, and notes where the holes are.

namespace xmpp::detail {

/// What can be wrong with a template. None of these is defined or constexpr: to call one while a
/// constant is evaluated is the compile error, and its name is the message.
namespace malformed_stx {
void the_template_has_no_root_element();
void nothing_may_follow_the_root_element();
void an_element_is_not_closed();
void end_tag_does_not_match();
void bad_name();
void namespace_prefixes_are_not_supported();
void white_space_is_missing_between_attributes();
void an_attribute_has_no_value();
void attribute_value_is_not_quoted();
void attribute_value_has_no_closing_quote();
void duplicate_attribute();
void quote_in_a_namespace();
void less_than_sign_in_an_attribute_value();
void unknown_entity();
void comments_declarations_and_cdata_are_not_allowed();
void cdata_end_in_text();
void character_that_xml_excludes();
void hole_in_a_name();
void hole_must_be_empty_braces();
void single_closing_brace();
void more_holes_than_arguments();
void more_arguments_than_holes();
void markup_in_an_attribute_value();
void nested_too_deep();
void too_many_attributes();
}  // namespace malformed_stx

/// The default namespace around a hole.
struct stx_scope {
    enum class rule : std::uint8_t { unknown, content, known };
    rule kind = rule::unknown;
    std::uint32_t at = 0;  // when known: where the template has it
    std::uint32_t size = 0;
};

struct stx_hole {
    enum class place : std::uint8_t { content, quoted, unquoted };
    place where = place::content;
    bool whole_value = false;          // an attribute consists of nothing else
    std::uint32_t at = 0;              // of the opening brace
    std::uint32_t attribute_size = 0;  // bytes before it that belong to the attribute
    stx_scope scope;                   // for markup that is put there
};

/// A template that was checked.
struct stx_program {
    std::string_view text;  // from the root's start tag to before its end tag
    const stx_hole* holes = nullptr;
    std::size_t hole_count = 0;
    stx_scope root_scope;
    bool root_declares = false;  // it has an xmlns attribute
    bool root_is_empty = false;  // <root/>: the text ends before the slash
    bool has_braces = false;     // literal ones, doubled in the text
};

class stx_reader {
 public:
    /// \param markup_only for each argument: can it stand in content only?
    constexpr stx_reader(std::string_view text, stx_hole* holes, const bool* markup_only,
                         std::size_t arguments)
        : text_(text), holes_(holes), markup_only_(markup_only), arguments_(arguments) {}

    constexpr stx_program read() {
        skip_space();
        const auto begin = at_;
        if (peek() != '<') malformed_stx::the_template_has_no_root_element();
        markup();
        if (depth_ == 0 && !program_.root_is_empty)
            malformed_stx::the_template_has_no_root_element();
        while (depth_ > 0) content();
        skip_space();
        if (at_ != text_.size()) malformed_stx::nothing_may_follow_the_root_element();
        if (hole_count_ < arguments_) malformed_stx::more_arguments_than_holes();
        for (std::size_t i = 0; i < hole_count_; ++i)
            holes_[i].at -= static_cast<std::uint32_t>(begin);
        shift(program_.root_scope, begin);
        for (std::size_t i = 0; i < hole_count_; ++i) shift(holes_[i].scope, begin);
        program_.text = text_.substr(begin, root_end_ - begin);
        program_.hole_count = hole_count_;
        return program_;
    }

 private:
    struct open_tag {
        std::string_view name;
        stx_scope scope;
    };

    constexpr char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    constexpr bool next_is(std::string_view what) const {
        return text_.substr(at_).starts_with(what);
    }
    constexpr bool skip_space() {
        const auto before = at_;
        while (is_xml_space(peek())) ++at_;
        return at_ != before;
    }
    static constexpr void shift(stx_scope& scope, std::size_t begin) {
        if (scope.kind == stx_scope::rule::known) scope.at -= static_cast<std::uint32_t>(begin);
    }

    constexpr void content() {
        if (at_ >= text_.size()) malformed_stx::an_element_is_not_closed();
        if (peek() == '<') return markup();
        if (next_is("]]>")) malformed_stx::cdata_end_in_text();
        character(stx_hole::place::content, 0);
    }

    constexpr void markup() {
        if (peek(1) == '!' || peek(1) == '?')
            malformed_stx::comments_declarations_and_cdata_are_not_allowed();
        if (peek(1) == '/') return end_tag();
        start_tag();
    }

    constexpr std::string_view name() {
        if (peek() == '{') malformed_stx::hole_in_a_name();
        const auto size = name_length(text_.substr(at_));
        if (size == 0) malformed_stx::bad_name();
        const auto found = text_.substr(at_, size);
        at_ += size;
        if (peek() == '{') malformed_stx::hole_in_a_name();
        return found;
    }

    constexpr void start_tag() {
        ++at_;
        const auto tag_name = name();
        if (peek() == ':') malformed_stx::namespace_prefixes_are_not_supported();
        const bool is_root = depth_ == 0;
        stx_scope scope = is_root ? stx_scope{} : open_[depth_ - 1].scope;
        if (is_root && is_stanza_name(tag_name)) scope.kind = stx_scope::rule::content;
        attributes(scope);
        if (is_root) program_.root_scope = scope;
        if (peek() == '/') {
            if (is_root) {
                root_end_ = at_;
                program_.root_is_empty = true;
            }
            ++at_;
        } else {
            if (depth_ == open_.size()) malformed_stx::nested_too_deep();
            open_[depth_++] = {tag_name, scope};
        }
        if (peek() != '>') malformed_stx::bad_name();
        ++at_;
    }

    constexpr void end_tag() {
        const auto begin = at_;
        at_ += 2;
        const auto tag_name = name();
        if (depth_ == 0 || tag_name != open_[depth_ - 1].name)
            malformed_stx::end_tag_does_not_match();
        skip_space();
        if (peek() != '>') malformed_stx::end_tag_does_not_match();
        ++at_;
        if (--depth_ == 0) root_end_ = begin;
    }

    constexpr void attributes(stx_scope& scope) {
        std::array<std::string_view, 64> names{};
        std::size_t count = 0;
        while (true) {
            const auto begin = at_;
            const bool spaced = skip_space();
            if (peek() == '>' || peek() == '/') return;
            if (at_ >= text_.size()) malformed_stx::an_element_is_not_closed();
            if (!spaced) malformed_stx::white_space_is_missing_between_attributes();
            const auto attribute = attribute_name();
            for (std::size_t i = 0; i < count; ++i)
                if (names[i] == attribute) malformed_stx::duplicate_attribute();
            if (count == names.size()) malformed_stx::too_many_attributes();
            names[count++] = attribute;
            skip_space();
            if (peek() != '=') malformed_stx::an_attribute_has_no_value();
            ++at_;
            skip_space();
            const auto holes_before = hole_count_;
            const auto value = attribute_value(begin);
            if (attribute == "xmlns") declare(scope, value, hole_count_ != holes_before);
        }
    }

    constexpr std::string_view attribute_name() {
        const auto begin = at_;
        auto found = name();
        if (peek() == ':') {
            if (found != "xml") malformed_stx::namespace_prefixes_are_not_supported();
            ++at_;
            name();
            found = text_.substr(begin, at_ - begin);
        }
        return found;
    }

    /// \param begin of the attribute, with the space before it
    constexpr std::string_view attribute_value(std::size_t begin) {
        const char quote = peek();
        if (quote == '{') {
            hole(stx_hole::place::unquoted, begin);
            holes_[hole_count_ - 1].whole_value = true;
            return {};
        }
        if (quote != '\'' && quote != '"') malformed_stx::attribute_value_is_not_quoted();
        const auto value_at = ++at_;
        const auto holes_before = hole_count_;
        while (peek() != quote) {
            if (at_ >= text_.size()) malformed_stx::attribute_value_has_no_closing_quote();
            if (peek() == '<') malformed_stx::less_than_sign_in_an_attribute_value();
            character(stx_hole::place::quoted, begin);
        }
        const auto value = text_.substr(value_at, at_ - value_at);
        if (hole_count_ == holes_before + 1) holes_[hole_count_ - 1].whole_value = value == "{}";
        ++at_;
        return value;
    }

    constexpr void declare(stx_scope& scope, std::string_view ns, bool has_hole) {
        if (depth_ == 0) program_.root_declares = true;
        if (ns.find_first_of("'\"") != ns.npos) malformed_stx::quote_in_a_namespace();
        if (has_hole || ns.find_first_of("{}&") != ns.npos) {
            scope = {};
        } else if (depth_ == 0 && is_content_namespace(ns)) {
            scope.kind = stx_scope::rule::content;
        } else {
            scope = {stx_scope::rule::known, static_cast<std::uint32_t>(ns.data() - text_.data()),
                     static_cast<std::uint32_t>(ns.size())};
        }
    }

    /// A character of content or of an attribute value, or what stands for one, or a hole.
    constexpr void character(stx_hole::place where, std::size_t attribute_begin) {
        const auto byte = static_cast<unsigned char>(text_[at_]);
        if (byte == '{' && peek(1) != '{') return hole(where, attribute_begin);
        if (byte == '}' && peek(1) != '}') malformed_stx::single_closing_brace();
        if (byte == '{' || byte == '}') {
            program_.has_braces = true;
            at_ += 2;
        } else if (byte == '&') {
            entity();
        } else if (byte < 0x80) {
            if (!is_xml_char(byte)) malformed_stx::character_that_xml_excludes();
            ++at_;
        } else {
            const auto size = decode_multibyte(text_, at_).size;
            if (size == 0) malformed_stx::character_that_xml_excludes();
            at_ += size;
        }
    }

    constexpr void hole(stx_hole::place where, std::size_t attribute_begin) {
        if (peek(1) != '}') malformed_stx::hole_must_be_empty_braces();
        if (hole_count_ == arguments_) malformed_stx::more_holes_than_arguments();
        if (where != stx_hole::place::content && markup_only_[hole_count_])
            malformed_stx::markup_in_an_attribute_value();
        stx_hole& h = holes_[hole_count_++];
        h.where = where;
        h.at = static_cast<std::uint32_t>(at_);
        if (where == stx_hole::place::content)
            h.scope = open_[depth_ - 1].scope;
        else
            h.attribute_size = static_cast<std::uint32_t>(at_ - attribute_begin);
        at_ += 2;
    }

    constexpr void entity() {
        const auto end = text_.find(';', at_);
        if (end == text_.npos) malformed_stx::unknown_entity();
        const auto what = text_.substr(at_ + 1, end - at_ - 1);
        const bool named =
            what == "amp" || what == "lt" || what == "gt" || what == "quot" || what == "apos";
        if (!named && !is_char_reference(what)) malformed_stx::unknown_entity();
        at_ = end + 1;
    }

    static constexpr bool is_char_reference(std::string_view what) {
        if (!what.starts_with('#')) return false;
        const bool hex = what.starts_with("#x");
        what.remove_prefix(hex ? 2 : 1);
        if (what.empty() || what.size() > 8) return false;
        char32_t code = 0;
        for (const char c : what) {
            char32_t digit = 16;
            if (c >= '0' && c <= '9') digit = static_cast<char32_t>(c - '0');
            if (hex && c >= 'a' && c <= 'f') digit = static_cast<char32_t>(c - 'a' + 10);
            if (hex && c >= 'A' && c <= 'F') digit = static_cast<char32_t>(c - 'A' + 10);
            if (digit == 16) return false;
            code = code * (hex ? 16 : 10) + digit;
        }
        return is_xml_char(code);
    }

    std::string_view text_;
    stx_hole* holes_;
    const bool* markup_only_;
    std::size_t arguments_;
    std::size_t at_ = 0;
    std::size_t hole_count_ = 0;
    std::size_t depth_ = 0;
    std::size_t root_end_ = 0;
    std::array<open_tag, 64> open_ = {};
    stx_program program_ = {};
};

}  // namespace xmpp::detail
