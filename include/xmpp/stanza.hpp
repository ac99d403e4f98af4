#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/element.hpp>
#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/message.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp {

enum class stanza_kind : std::uint8_t {
    message,
    presence,
    iq,
    other,  ///< anything else that can stand in a stream: features, stream management, ...
};

/// A received stanza: a handle to an immutable tree. Copying it is cheap and shares the tree, which
/// lives as long as a handle to it; handles may be passed between threads. A stanza that was moved
/// from can only be assigned to or destroyed.
class stanza {
 public:
    stanza(detail::document tree) noexcept : tree_(std::move(tree)) {}

    /// Parses one stanza, which must be well-formed XML without DTD, comments and processing
    /// instructions, and within the default limits of `options`. A stanza without xmlns is taken
    /// as one.
    /// \throws xmpp::error(errc::not_well_formed) saying what is wrong, and where
    [[nodiscard]] static stanza parse(std::string_view xml);

    /// Not for temporaries: what they return would not outlive the statement.
    [[nodiscard]] const element& root() const& noexcept { return tree_.root(); }
    const element& root() const&& = delete;
    const element* operator->() const& noexcept { return &tree_.root(); }
    const element* operator->() const&& = delete;

    /// By the root's name; `other` unless it is in jabber:client, jabber:server,
    /// jabber:component:accept, or no namespace.
    [[nodiscard]] stanza_kind kind() const noexcept;
    /// The attributes; empty when absent. Valid while a handle to this stanza lives.
    [[nodiscard]] std::string_view id() const noexcept { return tree_.root().attr("id"); }
    [[nodiscard]] std::string_view type() const noexcept { return tree_.root().attr("type"); }
    /// The addresses (RFC 6120 8.1). A name or resource that the server let in though RFC 7622
    /// refuses it, an emoji newer than our Unicode say, is kept as it was sent: such an address can
    /// be compared, sent to and matched like any other, but not made from text.
    ///
    /// Empty when there is none, which for `from` means that the server speaks for the own account
    /// (8.1.2.1), and when what is there is no address at all: has_from() and has_to() tell which.
    [[nodiscard]] jid to() const;
    [[nodiscard]] jid from() const;
    /// True when the attribute is there, whatever it holds.
    [[nodiscard]] bool has_to() const noexcept { return tree_.root().has_attr("to"); }
    [[nodiscard]] bool has_from() const noexcept { return tree_.root().has_attr("from"); }
    /// The attribute as it was sent; empty when absent. Valid while a handle to this stanza lives.
    [[nodiscard]] std::string_view to_text() const noexcept { return tree_.root().attr("to"); }
    [[nodiscard]] std::string_view from_text() const noexcept { return tree_.root().attr("from"); }

    /// What the tree takes of memory, in bytes; handles to the same tree share it.
    [[nodiscard]] std::size_t memory() const noexcept;

 private:
    detail::document tree_;
};

/// An error reply (RFC 6120 8.3), thrown by requests; also what a responder throws to answer with
/// one.
class stanza_error : public error {
 public:
    /// \param condition a word of RFC 6120 8.3.3, such as "item-not-found"; code() is the
    ///        stanza_condition of that name, undefined_condition for any other word
    /// \param text for humans, sent along
    /// \param type "auth", "cancel", "continue", "modify" or "wait"; by default what the RFC has
    ///        for the condition
    explicit stanza_error(std::string condition, std::string text = {}, std::string type = {});

    /// As received. Whatever is missing or unknown in the reply is replaced by the default:
    /// undefined-condition, and the type that goes with the condition.
    explicit stanza_error(const stanza& reply);

    [[nodiscard]] std::string_view type() const noexcept;
    /// The reply, less what it repeats of the request; nothing when the error is our own.
    [[nodiscard]] const std::optional<stanza>& detail() const noexcept;

 private:
    struct parts;
    explicit stanza_error(parts all);

    struct extra;
    std::shared_ptr<const extra> extra_;  // shared: copying an exception must not throw
};

/// The error reply to a request: same kind and id, back to the sender, without the request's
/// payload (RFC 6120 8.3.1).
[[nodiscard]] builder error_reply(const stanza& request, const stanza_error& reason);

/// The result of an iq; an empty payload gives an empty result (RFC 6120 8.2.3).
[[nodiscard]] builder result_reply(const stanza& request, builder payload);

/// What a received `<stream:error/>` says (RFC 6120 4.9): code() is a stream_condition,
/// condition() the word that was used, text() the one in `lang` if there are several.
[[nodiscard]] error stream_error_from(const element& stream_error, std::string_view lang = {});

}  // namespace xmpp
