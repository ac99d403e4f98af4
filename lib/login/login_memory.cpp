#include "login/login_memory.hpp"

#include "base/crypto/crypto.hpp"

#include <exception>

namespace xmpp::detail {
namespace {

/// The record outlives sessions that were closed, and does not say whose it is.
std::string key_of(const jid& account) {
    return "login:" + hex(digest(hash::sha256, account.str()));
}

}  // namespace

login_memory::login_memory(const options& settings, const trace& observers)
    : settings_(settings), observers_(observers) {}

void login_memory::begin(const jid& account) {
    if (account != account_) {
        account_ = account;
        key_ = key_of(account);
        pin_ = {};
        encrypted_ = false;
    }
    if (!settings_.pin_login()) {
        pin_ = {};
        with_store([this](session_store& store) { store.erase(key_); });
    } else if (pin_.empty()) {
        load();
    }
}

void login_memory::load() {
    with_store([this](session_store& store) {
        const auto records = store.load(key_);
        if (records.empty()) return;
        auto read = sasl::login_pin::parse(records.back());
        if (read) {
            pin_ = *read;
        } else {
            observers_.log(log_level::warning,
                           "what the store has of earlier logins can't be read: it is left out");
        }
    });
}

void login_memory::learn(const sasl::login_strength& had) {
    if (!settings_.pin_login() || !pin_.learn(had)) return;
    with_store([this](session_store& store) { store.replace(key_, pin_.serialize()); });
}

void login_memory::with_store(const std::function<void(session_store&)>& action) {
    if (!settings_.session_store()) return;
    try {
        action(*settings_.session_store());
    } catch (const std::exception& failure) {
        observers_.log(log_level::error, "what logins had can't be kept: {}", failure.what());
    }
}

}  // namespace xmpp::detail
