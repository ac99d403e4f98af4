#pragma once

#include <xmpp/async_generator.hpp>
#include <xmpp/error.hpp>

#include "hostile_program.hpp"
#include "session/runs.hpp"

namespace xmpp::fuzz {

/// A session over transports of the test's own: for those that a program can't bring by an option.
/// It must end, once, within a time limit, and so must what waits for it.
class opened_session {
 public:
    opened_session(world& where, const std::string& service, options settings,
                   detail::transport_opener opener)
        : world_(where),
          runs_(std::make_shared<detail::runs>(where.executor, service, std::move(settings),
                                               std::move(opener))) {}

    void run(std::chrono::minutes longest_session) {
        start(use(async_generator<status>(runs_->connect(account_of_user()))));
        const auto end = testing::run_until(
            world_.context, *world_.time, [this] { return ended_; }, longest_session);
        if (end != testing::run_end::done) fail("a session without end");
        testing::run_until_idle(world_.context);
        if (running_ != 0) fail("something waits for a session that is over");
        if (world_.time->pending() != 0) fail("an appointment that nobody will keep");
        runs_->close();
        runs_.reset();
        testing::run_until_idle(world_.context);
    }

 private:
    void start(task<> work) {
        ++running_;
        detail::spawn(world_.executor, std::move(work), [this](const std::exception_ptr& failure) {
            --running_;
            if (failure) check_type(failure);
        });
    }

    task<> use(async_generator<status> statuses) {
        int ends = 0;
        while (auto step = co_await statuses.next()) {
            if (ends > 0) fail("a status behind the last one");
            if (step->code == status_code::disconnected) ++ends;
            if (step->code == status_code::connected) start(ask());
        }
        if (ends != 1) fail("a session whose end is not told");
        ended_ = true;
    }

    task<> ask() {
        auto question = iq::get("example.org").c("ping", ns::ping);
        co_await detail::runs::request(runs_, stanza_kind::iq, std::move(question),
                                       std::chrono::seconds(20));
    }

    world& world_;
    std::shared_ptr<detail::runs> runs_;
    int running_ = 0;
    bool ended_ = false;
};

}  // namespace xmpp::fuzz
