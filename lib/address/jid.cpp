#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>

#include "address/address_preparation.hpp"
#include "address/received_jid.hpp"

namespace xmpp {
namespace detail {

struct jid_parser {
    /// How the parts that are no domain are prepared.
    struct preparation {
        void (*local)(std::string&, std::string_view);
        void (*resource)(std::string&, std::string_view);
    };

    /// RFC 7622 3.1: the first slash ends the bare address, then the first at sign ends the local
    /// part.
    static jid parse(std::string_view text, preparation how = {append_local, append_resource}) {
        const auto slash = text.find('/');
        const auto bare = text.substr(0, slash);
        const auto at = bare.find('@');

        std::string prepared;
        prepared.reserve(text.size());  // enough for every address that is in its normal form
        if (at != std::string_view::npos) {
            how.local(prepared, bare.substr(0, at));
            prepared += '@';
        }
        const auto domain_at = prepared.size();
        append_domain(prepared, at == std::string_view::npos ? bare : bare.substr(at + 1));
        if (slash == std::string_view::npos) return jid(std::move(prepared), domain_at, 0);
        return join(std::move(prepared), domain_at, text.substr(slash + 1), how);
    }

    static jid join(std::string bare, std::size_t domain_at, std::string_view resource,
                    preparation how = {append_local, append_resource}) {
        bare += '/';
        const auto resource_at = bare.size();
        how.resource(bare, resource);
        return jid(std::move(bare), domain_at, resource_at);
    }
};

std::optional<jid> received_jid(std::string_view text) {
    if (text.empty()) return std::nullopt;
    try {
        return jid_parser::parse(text, {append_received_local, append_received_resource});
    } catch (const error&) {
        return std::nullopt;
    }
}

bool same_address(std::string_view text, const jid& address) {
    if (text == address.str()) return true;
    return !address.empty() && received_jid(text) == address;
}

bool same_address(std::string_view a, std::string_view b) {
    if (a == b) return true;
    const auto parsed = received_jid(a);
    return parsed && received_jid(b) == parsed;
}

bool same_after_folding(const jid& a, const jid& b) {
    if (a == b) return true;
    return a.domain() == b.domain() && a.is_bare() == b.is_bare() &&
           folded_local(a.local()) == folded_local(b.local()) &&
           folded_resource(a.resource()) == folded_resource(b.resource());
}

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
