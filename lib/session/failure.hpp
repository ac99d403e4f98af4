#pragma once

#include <xmpp/error.hpp>
#include <xmpp/protocol_error.hpp>
#include <xmpp/stanza.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace xmpp::detail {

/// A redirect that is not followed, for a reason of ours.
class refused_redirect : public error {
 public:
    /// `element`: what asked for it, where it is one of the stream.
    refused_redirect(const error& why, std::optional<stanza> element)
        : error(why), element_(std::move(element)) {}
    const std::optional<stanza>& element() const noexcept { return element_; }

 private:
    std::optional<stanza> element_;
};

/// Why a link, a login or a session ended, taken apart once where it was caught. What follows from
/// it (a status, a closing stream error, another attempt, a redirect) is a function over this
/// value.
class failure {
 public:
    /// Where it comes from.
    enum class source : std::uint8_t {
        none,         // no failure: the stream ended in good order
        system,       // an operation of the system, as Asio reports it
        library,      // we refuse to go on, with an xmpp::error
        program,      // a function of the program threw
        login,        // our part of the login, or the program's
        server,       // an element of the server
        service,      // the service that carries the stream ended the session (XEP-0124 17.2)
        redirect,     // the server names another place (RFC 7395 3.6.1, XEP-0124 17.2)
        no_redirect,  // a redirect that we do not follow
        resumption,   // the answer to a request to resume makes no sense
        count,        // the server counts stanzas that there are not (XEP-0198)
        unencrypted,  // an answer before TLS, which anybody may have sent (RFC 6120 13)
        below,        // something below XMPP that has a number
        broker,       // the session that programs share, in the words of its owner
    };

    /// None.
    failure() = default;
    explicit failure(const std::exception_ptr& thrown);

    explicit operator bool() const noexcept { return from_ != source::none; }
    source from() const noexcept { return from_; }
    /// By an element of the server, or of the service that carries the stream.
    bool is_reported() const noexcept;
    /// As programs are promised it: an xmpp::error is itself, what the system reports keeps its
    /// code, and anything else is errc::callback_failed. Null for none.
    const std::exception_ptr& as_error() const noexcept { return error_; }

    const std::error_code& code() const noexcept { return code_; }
    const std::string& condition() const noexcept { return condition_; }
    /// The message of the code, our explanation, and what the server says.
    const std::string& text() const noexcept { return text_; }
    /// The element that reported it, if one did.
    const std::optional<stanza>& element() const noexcept { return element_; }
    /// The login was refused, whatever the code.
    bool of_login() const noexcept { return of_login_; }
    /// Of source::redirect: the place.
    const std::string& uri() const noexcept { return detail_; }
    /// Of source::count: the condition for our stream error, as XML.
    const std::string& wrong_count() const noexcept { return detail_; }
    /// Of source::below.
    const protocol_error* below() const noexcept { return below_.get(); }
    /// Of source::unencrypted: what it would mean from the server. Otherwise itself.
    const failure& meaning() const noexcept { return cause_ ? *cause_ : *this; }

    /// The same as one of source::unencrypted, where it is about what came over the link; what it
    /// tells then is nothing that was sent.
    failure doubted() const;

 private:
    void take(source from, const error& thrown);

    source from_ = source::none;
    std::exception_ptr error_;
    std::error_code code_;
    std::string condition_;
    std::string explanation_;
    std::string text_;
    std::optional<stanza> element_;
    std::string detail_;
    bool of_login_ = false;
    std::shared_ptr<const protocol_error> below_;
    std::shared_ptr<const failure> cause_;
};

/// Has a time limit of ours passed?
bool is_timeout(const failure& why);

/// Is it one of the link, and no word of the server?
bool is_of_link(const failure& why);

/// The content of the stream error to close the stream with ("" for a plain closing tag); nothing
/// if the link is gone.
std::optional<std::string> closing_error(const failure& why);

}  // namespace xmpp::detail
