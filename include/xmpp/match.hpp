#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/stanza.hpp>

#include <optional>
#include <string>
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
    /// The sender, compared whole.
    match& from(jid value);
    /// The sender, compared without its resource.
    match& bare_from(jid value);
    /// Compares namespaces of the stanza only up to a '#'.
    match& ignore_ns_fragment(bool value = true);

    bool matches(const stanza& candidate) const;

    /// True when the match says what kind of element it wants (by name or namespace). One that does
    /// not watches IQ requests without answering for them.
    bool selects_kind() const noexcept { return name_.has_value() || ns_.has_value(); }

 private:
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
