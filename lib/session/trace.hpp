#pragma once

#include <xmpp/log.hpp>
#include <xmpp/stanza.hpp>

#include "transport/transport.hpp"

#include <fmt/format.h>

#include <exception>
#include <functional>
#include <string>
#include <string_view>

namespace xmpp::detail {

/// What an exception says, for the log.
std::string describe(const std::exception_ptr& failure);

struct trace_functions {
    std::function<void(const element&)> xml_input;
    std::function<void(std::string_view)> xml_output;
    std::function<void(std::string_view)> raw_input;
    std::function<void(std::string_view)> raw_output;
    std::function<void(log_level, std::string_view)> log_sink;
};

/// The observers of a connection, and what they may see.
///
/// While a secret is exchanged, all of them see the elements with what they say blacked out, also
/// those who otherwise get the bytes.
class trace final : public wire_observer, public trace_functions {
 public:
    /// Shows secrets too.
    void show_secrets(bool value) noexcept { show_secrets_ = value; }
    void begin_secret() noexcept { secret_ = !show_secrets_; }
    void end_secret() noexcept { secret_ = false; }

    void bytes_received(std::string_view bytes) override;
    void bytes_sent(std::string_view bytes) override;
    void element_received(const stanza& received) override;
    void element_sent(std::string_view element) override;

    template <class... Args>
    void log(log_level level, fmt::format_string<Args...> text, Args&&... args) const {
        if (log_sink) log_sink(level, fmt::format(text, std::forward<Args>(args)...));
    }

 private:
    bool show_secrets_ = false;
    bool secret_ = false;
};

}  // namespace xmpp::detail
