#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>

#include "base/address_preparation.hpp"

namespace xmpp {
namespace detail {

struct jid_parser {
    /// RFC 7622 3.1: the first slash ends the bare address, then the first at sign ends the local
    /// part.
    static jid parse(std::string_view text) {
        const auto slash = text.find('/');
        const auto bare = text.substr(0, slash);
        const auto at = bare.find('@');

        std::string prepared;
        prepared.reserve(text.size());  // enough for every address that is in its normal form
        if (at != std::string_view::npos) {
            append_local(prepared, bare.substr(0, at));
            prepared += '@';
        }
        const auto domain_at = prepared.size();
        append_domain(prepared, at == std::string_view::npos ? bare : bare.substr(at + 1));
        if (slash == std::string_view::npos) return jid(std::move(prepared), domain_at, 0);
        return join(std::move(prepared), domain_at, text.substr(slash + 1));
    }

    static jid join(std::string bare, std::size_t domain_at, std::string_view resource) {
        bare += '/';
        const auto resource_at = bare.size();
        append_resource(bare, resource);
        return jid(std::move(bare), domain_at, resource_at);
    }
};

}  // namespace detail

jid::jid(const char* text) : jid(std::string_view(text)) {}
jid::jid(const std::string& text) : jid(std::string_view(text)) {}
jid::jid(std::string_view text) : jid(detail::jid_parser::parse(text)) {}

std::optional<jid> jid::parse(std::string_view text) {
    try {
        return jid(text);
    } catch (const error&) {
        return std::nullopt;
    }
}

std::string_view jid::local() const noexcept {
    return domain_at_ == 0 ? std::string_view()
                           : std::string_view(text_).substr(0, domain_at_ - 1u);
}

std::string_view jid::domain() const noexcept {
    const auto from_domain = std::string_view(text_).substr(domain_at_);
    return is_bare() ? from_domain : from_domain.substr(0, resource_at_ - domain_at_ - 1u);
}

std::string_view jid::resource() const noexcept {
    return is_bare() ? std::string_view() : std::string_view(text_).substr(resource_at_);
}

jid jid::bare() const {
    return is_bare() ? *this : jid(text_.substr(0, resource_at_ - 1u), domain_at_, 0);
}

jid jid::with_resource(std::string_view resource) const {
    if (empty()) throw error(errc::invalid_jid, "an empty address can't have a resource");
    if (resource.empty()) return bare();
    const auto bare_text =
        std::string_view(text_).substr(0, is_bare() ? text_.npos : resource_at_ - 1u);
    std::string text;
    text.reserve(bare_text.size() + 1 + resource.size());
    text += bare_text;
    return detail::jid_parser::join(std::move(text), domain_at_, resource);
}

}  // namespace xmpp
