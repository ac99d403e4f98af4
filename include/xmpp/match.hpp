#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp {

/// Which stanzas a handler or subscription wants. Every criterion given must hold; a match without
/// any wants all.
///
///     match().name("message").type("chat").bare_from("romeo@example.org")
class match {
 public:
    match() = default;

    /// The element's name: "message", "presence", "iq".
    match& name(std::string value);
    /// A namespace that the stanza or any element in it must have.
    match& ns(std::string value);
    /// The type attribute; called again, any of them. A message without type is "normal"; a
    /// presence without type matches "available".
    match& type(std::string value);
    match& id(std::string value);
    /// The sender, compared whole; an empty address stands for stanzas without one.
    match& from(jid value);
    /// The sender, compared without its resource, whatever that is.
    match& bare_from(jid value);
    /// Compares namespaces of the stanza only up to a '#'.
    match& ignore_ns_fragment(bool value = true);

    bool matches(const stanza& candidate) const;

    /// True when whoever gets this IQ request by this match takes on the duty to answer it: by the
    /// name `iq`, or by the namespace of the request's payload. All others only watch; the
    /// namespace of the stanza itself says nothing, nor does one deeper in the payload.
    bool answers_for(const stanza& request) const;

 private:
    bool is_wanted(std::string_view ns) const noexcept;
    bool has_namespace(const element& root) const;

    std::optional<std::string> name_;
    std::optional<std::string> ns_;
    std::vector<std::string> types_;
    std::optional<std::string> id_;
    std::optional<jid> from_;
    std::optional<jid> bare_from_;
    bool ignore_ns_fragment_ = false;
};

}  // namespace xmpp
