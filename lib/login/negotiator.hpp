#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/credentials.hpp>
#include <xmpp/options.hpp>
#include <xmpp/task.hpp>

#include "login/login_result.hpp"
#include "login/negotiation.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace xmpp::detail {

class login_memory;
class trace;

/// What a login needs from its session.
class login_host {
 public:
    /// The SASL exchange begins.
    virtual void authenticating() = 0;
    /// The program is asked for something, and may take its time; or it has answered.
    virtual void program_is_asked() = 0;
    virtual void program_has_answered() = 0;
    /// The resource to be bound; empty: the server's choice.
    virtual task<std::string> resource_to_bind(const credentials& who) = 0;
    /// What to go on with after that: it has what was read meanwhile.
    virtual std::shared_ptr<transport> wire() = 0;
    /// The stream before is not to be resumed.
    virtual void forget_stream() = 0;
    /// XEP-0198 5: the request, and the answer to it. True: the stream goes on.
    virtual builder resume_request() = 0;
    virtual bool takes_resumption(const stanza& answer) = 0;
    /// Whose stream it is.
    virtual const jid& resumed_user() const = 0;

 protected:
    ~login_host() = default;
};

/// What a login is done with.
struct login_settings {
    const options& settings;
    tls_mode tls;     // for this link
    bool manages;     // stream management is wanted
    bool may_resume;  // there is a stream to be resumed
    login_memory& memory;
    trace& observers;
};

/// The login over one link, from the stream's header to a resource that is bound: RFC 6120 4.3.
///
///      header ─▶ features ─▶ TLS ─▶ features ─▶ SASL ─▶ features ─▶ resume ─▶ done
///                                                          └─────▶ bind ─▶ session ─▶ done
///
/// negotiation.hpp's table says which step is next; each is a coroutine of phases.hpp.
class negotiator {
 public:
    /// `host` and what `with` refers to must outlive it. `before` has the account, and what is
    /// known from a login before.
    negotiator(std::shared_ptr<transport> wire, login_settings with, login_result before,
               login_host& host);

    /// Logs a user in. Throws the typed reason when that fails.
    task<login_result> log_in(credentials who);
    /// Logs a component in (XEP-0114 section 3): it proves a secret of its own, and binds nothing.
    task<login_result> log_in_component(credentials who);

    /// What is known by now.
    const login_result& so_far() const noexcept { return result_; }
    /// "waiting for the stream features": for the text of a timeout.
    const char* step_text() const noexcept { return step_text_; }

 private:
    task<> take(negotiation_step step, credentials& who);
    task<> start_tls();
    task<> authenticate(credentials& who);
    task<> authenticate_legacy(credentials& who);
    task<> resume(const credentials& who);
    task<> bind(const credentials& who);
    task<> open_session();
    task<> manage();
    task<credentials> credentials_to_use(credentials who);
    stream_header header() const;
    void log_encryption() const;

    std::shared_ptr<transport> wire_;
    login_settings with_;
    login_result result_;
    login_host& host_;
    std::uint8_t state_ = nothing_yet;
    std::string stream_id_;
    const char* step_text_ = "waiting for the stream features";
};

}  // namespace xmpp::detail
