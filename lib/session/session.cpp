#include "session/session.hpp"

#include "base/spawn.hpp"
#include "store/store_warnings.hpp"

#include <memory>
#include <utility>

namespace xmpp::detail {
namespace {

stanza_queue::limits queue_limits(const options& settings) {
    return {{settings.receive_soft(), settings.receive_soft_bytes()},
            {settings.receive_hard(), settings.receive_hard_bytes()},
            settings.receive_overflow()};
}

}  // namespace

session::session(asio::any_io_executor on, options with, transport_opener opener)
    : executor(std::move(on)),
      settings(std::move(with)),
      open(std::move(opener)),
      changed(std::make_shared<event>(executor)),
      relieved(std::make_shared<event>(executor)),
      // A subscription may outlive the session, so it shares what it wakes.
      stanza_handlers(executor, queue_limits(settings), observers,
                      [relieved = relieved] { relieved->pulse(); }),
      iq_responders(executor, queue_limits(settings).soft),
      timers(executor, settings.time_source(), observers),
      protocol_handlers(observers),
      status_watchers(std::make_shared<status_observers>(executor, observers)),
      memory(settings, observers) {
    observers.show_secrets(settings.raw_trace());
}

session::~session() = default;

void session::report(const std::shared_ptr<status_feed>& feed, status step) {
    observers.log(step.error ? log_level::warning : log_level::info, "{}", step);
    status_watchers->report(feed, std::move(step));
}

/// A store of the program's own reports in its own way.
void session::warn_of_store() {
    auto* store = dynamic_cast<store_warnings*>(settings.session_store().get());
    if (!store) return;
    for (const auto& warning : store->take_warnings()) {
        observers.log(log_level::warning, "{}", warning);
    }
}

void session::forget_handlers() {
    timers.clear();
    protocol_handlers.clear();
    iq_responders.clear();
    stanza_handlers.end_subscriptions(nullptr);
    stanza_handlers.clear();
}

void session::forget_everybody(const std::exception_ptr& reason) {
    // An observer may be the one who destroys the connection: it goes when it has returned.
    auto observing =
        std::make_shared<trace_functions>(std::move(static_cast<trace_functions&>(observers)));
    static_cast<trace_functions&>(observers) = {};
    post(executor, [observing] {});
    status_watchers->clear();
    timers.clear();
    protocol_handlers.clear();
    iq_responders.clear();
    stanza_handlers.abort_subscriptions(reason);
    stanza_handlers.clear();
}

}  // namespace xmpp::detail
