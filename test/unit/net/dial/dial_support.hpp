#pragma once

#include <xmpp/testing/virtual_clock.hpp>

#include "net/dial/dial.hpp"

#include <asio/io_context.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace xmpp::test {

/// Knows the names that it is told, and answers when it is told, on a clock.
class known_names final : public detail::resolver {
 public:
    using milliseconds = std::chrono::milliseconds;

    known_names(const asio::any_io_executor& executor, std::shared_ptr<clock> time)
        : executor_(executor), time_(std::move(time)) {}

    /// One part of an answer, after some time; the one that was added last is the last.
    known_names& host(const std::string& name, std::vector<std::string> addresses,
                      milliseconds after = milliseconds(0));
    known_names& service(const std::string& name, detail::srv_answer answer);
    /// Never answered.
    known_names& silent(const std::string& name);

    /// What was asked, in order; what was asked with the search list has a "?" behind it.
    const std::vector<std::string>& asked() const noexcept { return asked_; }
    /// How many questions wait for an answer.
    int waiting() const noexcept { return *waiting_; }

    bool knows_services() const noexcept override { return true; }
    std::unique_ptr<question> services(std::string name, srv_function done) override;
    std::unique_ptr<question> addresses(std::string host, completion how,
                                        address_function done) override;

 private:
    class asked_question;
    struct part {
        std::vector<std::string> addresses;
        milliseconds after;
    };

    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    std::map<std::string, std::vector<part>> hosts_;
    std::map<std::string, detail::srv_answer> services_;
    std::vector<std::string> asked_;
    std::shared_ptr<int> waiting_ = std::make_shared<int>(0);
};

/// Connects as it is told, on a clock. What it was not told about swallows everything.
class known_addresses final : public detail::connector {
 public:
    using milliseconds = std::chrono::milliseconds;

    known_addresses(asio::io_context& context, std::shared_ptr<clock> time)
        : context_(context), time_(std::move(time)), begin_(time_->now()) {}

    known_addresses& accepts(const std::string& address, milliseconds after = milliseconds(0));
    known_addresses& refuses(const std::string& address, milliseconds after = milliseconds(0));

    /// "192.0.2.1:5222 at 250": where to and when, in ms from the beginning.
    const std::vector<std::string>& attempts() const noexcept { return attempts_; }
    /// How many attempts are under way.
    int open() const noexcept { return *open_; }

    std::unique_ptr<attempt> connect(const std::string& address, std::uint16_t port,
                                     function done) override;

 private:
    class open_attempt;
    struct behaviour {
        std::error_code result;
        milliseconds after;
    };

    asio::io_context& context_;
    std::shared_ptr<clock> time_;
    clock::time_point begin_;
    std::map<std::string, behaviour> known_;
    std::vector<std::string> attempts_;
    std::shared_ptr<int> open_ = std::make_shared<int>(0);
};

}  // namespace xmpp::test
