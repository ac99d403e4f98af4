#include "login/sasl_steps.hpp"

#include "base/next_turn.hpp"
#include "login/negotiation_io.hpp"

#include <asio/this_coro.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace xmpp::detail {
namespace {

class built_in_steps final : public sasl_mechanism {
 public:
    explicit built_in_steps(sasl::mechanism& ours) : ours_(ours) {}

    task<std::optional<std::string>> initial_response() override {
        co_return ours_.initial_response();
    }
    task<std::string> respond(std::string challenge) override {
        // What a server has made costly is computed between whatever else there is to do.
        const auto executor = co_await asio::this_coro::executor;
        bool more = ours_.work(challenge);
        while (more) {
            co_await next_turn(executor);
            more = ours_.work(challenge);
        }
        co_return ours_.respond(challenge);
    }
    task<> succeed(std::optional<std::string> additional_data) override {
        ours_.finish(additional_data);
        co_return;
    }

 private:
    sasl::mechanism& ours_;
};

class registered_steps final : public sasl_mechanism {
 public:
    registered_steps(sasl_mechanism& theirs, const trace& observers)
        : theirs_(theirs), observers_(observers) {}

    task<std::optional<std::string>> initial_response() override {
        try {
            co_return co_await theirs_.initial_response();
        } catch (...) {
            throw login_error::from(std::current_exception(), errc::mechanism_failed);
        }
    }
    task<std::string> respond(std::string challenge) override {
        try {
            co_return co_await theirs_.respond(std::move(challenge));
        } catch (...) {
            throw login_error::from(std::current_exception(), errc::mechanism_failed);
        }
    }
    task<> succeed(std::optional<std::string> additional_data) override {
        try {
            co_await theirs_.succeed(std::move(additional_data));
        } catch (...) {
            throw login_error::from(std::current_exception(), errc::mechanism_failed);
        }
    }
    void failed(const error& reason) override {
        try {
            theirs_.failed(reason);
        } catch (...) {
            observers_.log(log_level::error, "a mechanism's failed() threw: {}",
                           describe(std::current_exception()));
        }
    }

 private:
    sasl_mechanism& theirs_;
    const trace& observers_;
};

}  // namespace

std::unique_ptr<sasl_mechanism> steps_of(const sasl::selection& chosen, const trace& observers) {
    if (chosen.built_in) return std::make_unique<built_in_steps>(*chosen.built_in);
    return std::make_unique<registered_steps>(*chosen.registered, observers);
}

}  // namespace xmpp::detail
