#include <xmpp/ns.hpp>
#include <xmpp/stx.hpp>

#include "xml/parser/start_tag.hpp"
#include "xml/writer/builder_access.hpp"
#include "xml/writer/escape.hpp"
#include "xml/writer/serialize.hpp"

namespace xmpp::detail {
namespace {

constexpr std::size_t room_for_values = 160;

}  // namespace

void stx_writer::text(std::string_view value) {
    if (hole_->where == stx_hole::place::content) return append_text(out_, value);
    if (out_.ends_with(" xmlns='") || out_.ends_with(" xmlns=\"")) check_declarable(value);
    append_attribute_value(out_, value);
}

void stx_writer::markup(const element& e) {
    append_element(out_, e, scope());
}

void stx_writer::markup(const builder& b) {
    if (!b.empty()) builder_access::append(out_, b, scope());
}

ns_scope stx_writer::scope() const noexcept {
    switch (hole_->scope.kind) {
        case stx_scope::rule::content:
            return ns_scope::content();
        case stx_scope::rule::known:
            return ns_scope::known(text_.substr(hole_->scope.at, hole_->scope.size));
        case stx_scope::rule::unknown:
            break;
    }
    return {};
}

void stx_writer::literal(std::string_view piece, bool has_braces) {
    if (!has_braces) {
        out_.append(piece);
        return;
    }
    for (std::size_t i = 0; i < piece.size(); ++i) {
        out_ += piece[i];
        if (piece[i] == '{' || piece[i] == '}') ++i;
    }
}

std::size_t stx_writer::fill(const stx_hole& hole, const stx_argument& argument) {
    const bool unquoted = hole.where == stx_hole::place::unquoted;
    hole_ = &hole;
    absent_ = false;
    if (unquoted) out_ += '\'';
    argument.write(*this, argument.object);
    if (unquoted) out_ += '\'';
    if (!absent_ || !hole.whole_value) return 2;
    out_.resize(out_.size() - hole.attribute_size - (unquoted ? 2 : 0));
    return unquoted ? 2 : 3;  // the closing quote goes as well
}

builder render(const stx_program& program, const stx_argument* arguments) {
    std::string out;
    out.reserve(program.text.size() + room_for_values);
    stx_writer writer(out, program.text);
    std::size_t at = 0;
    for (std::size_t i = 0; i < program.hole_count; ++i) {
        const auto& hole = program.holes[i];
        writer.literal(program.text.substr(at, hole.at - at), program.has_braces);
        at = hole.at + writer.fill(hole, arguments[i]);
    }
    writer.literal(program.text.substr(at), program.has_braces);

    auto ns_at = program.root_scope.kind == stx_scope::rule::content ? open_element::content_ns
                                                                     : open_element::unknown_ns;
    if (value_place place{}; program.root_declares && start_tag(out, 1).find("xmlns", place)) {
        if (program.root_scope.kind == stx_scope::rule::content)
            drop_attribute(out, "xmlns", place);  // which namespace it is, the transport knows
        else
            ns_at = static_cast<std::uint32_t>(place.at);
    }
    return builder_access::open_root(std::move(out), ns_at, program.root_is_empty);
}

}  // namespace xmpp::detail
