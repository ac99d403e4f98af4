#pragma once

#include <xmpp/log.hpp>
#include <xmpp/session_role.hpp>
#include <xmpp/stanza.hpp>

#include "transport/transport.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// What an exception of the program says, for the log.
std::string describe(const std::exception_ptr& failure);

struct trace_functions {
    std::function<void(const element&)> xml_input;
    std::function<void(std::string_view)> xml_output;
    std::function<void(std::string_view)> raw_input;
    std::function<void(std::string_view)> raw_output;
    std::function<void(std::uint64_t)> next_rid;
    std::function<void(session_role)> role_changed;
    std::function<void(const element&)> foreign_stanza_sent;
    std::function<void(log_level, std::string_view)> log_sink;
    log_level log_threshold = log_level::info;
};

/// The observers of a connection, and what they may see.
///
/// While a secret is exchanged, all of them see the elements with what they say blacked out, also
/// those who otherwise get the bytes.
class trace final : public wire_observer, public trace_functions {
 public:
    /// Shows secrets too.
    void show_secrets(bool value) noexcept { show_secrets_ = value; }

    void bytes_received(std::string_view bytes) override;
    void bytes_sent(std::string_view bytes) override;
    void element_received(const stanza& received) override;
    void element_sent(std::string_view element) override;

    /// Nothing is formatted that nobody wants to read.
    template <class... Args>
    void log(log_level level, fmt::format_string<Args...> text, Args&&... args) const {
        if (!log_sink || level < log_threshold) return;
        log_sink(level, fmt::format(text, std::forward<Args>(args)...));
    }

 private:
    friend class secret_exchange;

    bool show_secrets_ = false;
    bool secret_ = false;
};

/// Lives as long as a secret is exchanged.
class secret_exchange {
 public:
    explicit secret_exchange(trace& observers) noexcept : observers_(observers) {
        observers_.secret_ = !observers_.show_secrets_;
    }
    secret_exchange(const secret_exchange&) = delete;
    secret_exchange& operator=(const secret_exchange&) = delete;
    ~secret_exchange() { observers_.secret_ = false; }

 private:
    trace& observers_;
};

}  // namespace xmpp::detail
