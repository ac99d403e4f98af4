#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/jid.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace xmpp {

namespace detail {

/// The text of an address that must be one. \throws xmpp::error(errc::invalid_jid) when it is empty
const std::string& text_of_address(const jid& address);

/// The attributes that all stanzas have (RFC 6120 8.1), with setters that keep the derived type.
/// They may be used at any time, whatever the current element is; each once.
template <class Derived>
class stanza_builder : public builder {
 public:
    using builder::from;
    using builder::id;
    using builder::to;

    /// Requests that are sent without one get a random id.
    Derived& id(std::string_view value) & { return set("id", value); }
    Derived&& id(std::string_view value) && { return std::move(set("id", value)); }
    /// Only for servers' components and the like: clients have theirs set by their server.
    /// \throws xmpp::error(errc::invalid_jid) when it is empty
    Derived& from(const jid& value) & { return set("from", text_of_address(value)); }
    Derived&& from(const jid& value) && { return std::move(from(value)); }
    /// xml:lang of all texts that don't have their own.
    Derived& lang(std::string_view value) & { return set("xml:lang", value); }
    Derived&& lang(std::string_view value) && { return std::move(set("xml:lang", value)); }

 protected:
    explicit stanza_builder(std::string_view name) : builder(name) {}

    Derived& self() noexcept { return static_cast<Derived&>(*this); }
    Derived& set(std::string_view name, std::string_view value) {
        set_root_attr(name, value);
        return self();
    }
    Derived& add_text(std::string_view name, std::string_view text, std::string_view lang = {}) {
        root_child(name, text, lang);
        return self();
    }
};

}  // namespace detail

/// A message to be sent (RFC 6121 5): `message(to).type("chat").body("Hi")`.
class message : public detail::stanza_builder<message> {
 public:
    using builder::type;

    /// To nobody in particular, which means the own account (RFC 6121 8.1.1.1).
    message();
    /// \throws xmpp::error(errc::invalid_jid) when `to` is empty, as the sender of a stanza is that
    ///         has no address
    explicit message(const jid& to);

    /// "chat", "error", "groupchat", "headline" or "normal", which is the default.
    message& type(std::string_view value) & { return set("type", value); }
    message&& type(std::string_view value) && { return std::move(set("type", value)); }
    /// Another body for each language.
    message& body(std::string_view text, std::string_view lang = {}) & {
        return add_text("body", text, lang);
    }
    message&& body(std::string_view text, std::string_view lang = {}) && {
        return std::move(add_text("body", text, lang));
    }
    message& subject(std::string_view text, std::string_view lang = {}) & {
        return add_text("subject", text, lang);
    }
    message&& subject(std::string_view text, std::string_view lang = {}) && {
        return std::move(add_text("subject", text, lang));
    }
    message& thread(std::string_view id) & { return add_text("thread", id); }
    message&& thread(std::string_view id) && { return std::move(add_text("thread", id)); }
};

/// Presence to be sent (RFC 6121 4): `presence().show("away").status("Back at three")`.
class presence : public detail::stanza_builder<presence> {
 public:
    using builder::type;

    /// To everybody who is subscribed.
    presence();
    /// Directed to one, as for subscriptions and rooms.
    /// \throws xmpp::error(errc::invalid_jid) when `to` is empty
    explicit presence(const jid& to);

    /// "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error";
    /// without one it says available.
    presence& type(std::string_view value) & { return set("type", value); }
    presence&& type(std::string_view value) && { return std::move(set("type", value)); }
    /// "away", "chat", "dnd" or "xa".
    presence& show(std::string_view value) & { return add_text("show", value); }
    presence&& show(std::string_view value) && { return std::move(add_text("show", value)); }
    presence& status(std::string_view text, std::string_view lang = {}) & {
        return add_text("status", text, lang);
    }
    presence&& status(std::string_view text, std::string_view lang = {}) && {
        return std::move(add_text("status", text, lang));
    }
    /// \throws xmpp::error(errc::bad_format) outside -128 to 127 (RFC 6121 4.7.2.3)
    presence& priority(int value) &;
    presence&& priority(int value) && { return std::move(priority(value)); }
};

/// A request to be sent (RFC 6120 8.2.3): `iq::get(to).c("query", ns::version)`.
class iq : public detail::stanza_builder<iq> {
 public:
    using builder::type;

    /// \param to whom; an empty address means the own account, so ask has_from() before asking a
    ///        stanza's sender
    static iq get(const jid& to = {}) { return iq("get", to); }
    static iq set(const jid& to = {}) { return iq("set", to); }
    /// A reply; result_reply() makes one from the request.
    static iq result(const jid& to = {}) { return iq("result", to); }

 private:
    iq(std::string_view type, const jid& to);
};

}  // namespace xmpp
