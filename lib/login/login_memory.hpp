#pragma once

#include <xmpp/jid.hpp>
#include <xmpp/options.hpp>

#include "sasl/login_pin.hpp"
#include "transport/trace.hpp"

#include <functional>
#include <string>

namespace xmpp::detail {

/// What is known of an account's earlier logins: for as long as the connection lives, and across
/// processes where there is a store. See options::pin_login.
class login_memory {
 public:
    /// Both must outlive it.
    login_memory(const options& settings, const trace& observers);

    /// A session of `account` begins.
    void begin(const jid& account);
    /// What the next login must have.
    const sasl::login_pin& pin() const noexcept { return pin_; }
    /// A login has succeeded.
    void learn(const sasl::login_strength& had);

    /// A link to the server of the account was encrypted.
    void encrypted() noexcept { encrypted_ = true; }
    /// No link may be without encryption any more.
    bool wants_encryption() const noexcept { return encrypted_ || pin_.wants_encryption(); }

 private:
    void load();
    void with_store(const std::function<void(session_store&)>& action);

    const options& settings_;
    const trace& observers_;
    jid account_;
    std::string key_;
    sasl::login_pin pin_;
    bool encrypted_ = false;
};

}  // namespace xmpp::detail
