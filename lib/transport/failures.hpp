#pragma once

#include <xmpp/error.hpp>
#include <xmpp/stanza.hpp>

#include <optional>
#include <string>
#include <utility>

/// What transports throw besides plain errors.
namespace xmpp::detail {

/// A failure that the server reported in an element, which statuses pass on.
class refusal : public error {
 public:
    refusal(const error& reported, stanza element)
        : error(reported), element_(std::move(element)) {}
    const stanza& element() const noexcept { return element_; }

 private:
    stanza element_;
};

/// What carries the stream has ended the session, and says why (XEP-0124 17.2): by a stream error,
/// or else by the attributes of the body.
class session_terminated : public refusal {
 public:
    using refusal::refusal;
};

/// The server ended the stream and named another place (RFC 7395 3.6.1, XEP-0124 17.2). Nothing was
/// checked: the place may be anything, an unencrypted one too.
class see_other_uri : public error {
 public:
    /// `element`: what says so, where it is one of the stream.
    see_other_uri(const error& reported, std::string uri, std::optional<stanza> element = {})
        : error(reported), uri_(std::move(uri)), element_(std::move(element)) {}
    const std::string& uri() const noexcept { return uri_; }
    const std::optional<stanza>& element() const noexcept { return element_; }

 private:
    std::string uri_;
    std::optional<stanza> element_;
};

/// Why a session that several programs share has ended, or could not begin: what was reported to
/// whoever owns it.
class shared_failure : public error {
 public:
    shared_failure(const error& reported, std::optional<stanza> element, bool of_login)
        : error(reported), element_(std::move(element)), of_login_(of_login) {}
    /// The element that said so, if one did.
    const std::optional<stanza>& element() const noexcept { return element_; }
    /// The login was refused, whatever the code.
    bool of_login() const noexcept { return of_login_; }

 private:
    std::optional<stanza> element_;
    bool of_login_;
};

}  // namespace xmpp::detail
