#include "stream/link.hpp"

#include <xmpp/message.hpp>
#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "base/spawn.hpp"
#include "dispatch/reply_table.hpp"
#include "stream/early_reader.hpp"
#include "stream/management/stream_management.hpp"

#include <utility>

namespace xmpp::detail {
namespace {

/// How long reading goes on once nothing can be written any more. What the server sent before is
/// here already, or right behind.
constexpr auto time_for_last_words = std::chrono::seconds(1);

}  // namespace

link::link(asio::any_io_executor executor, const options& settings, std::string domain,
           wire_observer& observer, traffic& counts, std::function<void(const error&)> give_up,
           std::shared_ptr<event> read_on)
    : executor_(std::move(executor)),
      settings_(settings),
      server_(domain.empty() ? jid() : jid(domain)),
      give_up_(std::move(give_up)),
      watch_(executor_, settings, observer, *this, counts),
      writer_idle_(executor_),
      read_on_(std::move(read_on)) {
    writer_idle_.set();
}

void link::read_ahead(std::shared_ptr<event> noticed) {
    ahead_ = std::make_shared<early_reader>(executor_, wire_);
    wire_ = ahead_;
    early_reader::start(ahead_, executor_, std::move(noticed));
}

bool link::has_read_ahead() const noexcept {
    return ahead_ && ahead_->over();
}

void link::establish(std::shared_ptr<event> progress, outbox::element_source answer,
                     std::chrono::seconds server_patience) {
    out_ = std::make_shared<outbox>(executor_, settings_.send_high(), settings_.send_hard(),
                                    std::move(progress), std::move(answer));
    writer_idle_.reset();
    spawn(executor_, write(shared_from_this()),
          [self = shared_from_this()](const std::exception_ptr& failure) {
              self->writing_ended(failure);
          });
    wire_->established();
    watch_.established(server_patience);
}

task<> link::write(std::shared_ptr<link> self) {
    const auto wire = self->wire_;
    const auto out = self->out_;
    co_await out->run(*wire);
    if (!out->closed()) co_await wire->close_stream(out->closing_error());
}

void link::writing_ended(const std::exception_ptr& failure) {
    writer_idle_.set();
    if (failure) writing_failed(failure);
}

/// A server that closes with bytes of ours unread resets the link, which breaks our next write.
/// What it sent before is still to be read, and counts for more: the reason why it closed, say.
void link::writing_failed(const std::exception_ptr& why) {
    if (!wire_ || write_failure_) return;
    write_failure_ = why;
    watch_.stop();
    const auto& time = settings_.time_source();
    reading_limit_ =
        time->call_at(executor_, time->now() + time_for_last_words, [this] { drop(); });
    read_on_->pulse();
}

void link::drop() {
    dropped_ = true;
    wire_->abort();  // which ends the reader
    read_on_->pulse();
}

// XEP-0199. The address is the server's own; whatever it says is a sign of life.
void link::ask() {
    if (managed_) {
        out_->push_keepalive(ack_request);
        return;
    }
    if (ping_id_.empty()) ping_id_ = random_id();
    auto ping = iq::get(server_);
    ping.id(ping_id_);
    if (!component_.empty()) ping.from(component_);
    ping.c("ping", ns::ping);
    ++pings_;
    out_->push_keepalive(std::move(ping).take());
}

bool link::takes(const stanza& received, const jid& own) {
    if (pings_ == 0 || received.kind() != stanza_kind::iq || received.id() != ping_id_) {
        return false;
    }
    const auto type = received.type();
    const bool answered = type == "result" || type == "error";
    const bool handed_back = type == "get" && !component_.empty();
    if ((!answered && !handed_back) || !may_answer(addressee(server_.str()), received, own))
        return false;
    --pings_;
    return true;
}

// RFC 6120 4.6.1.
void link::keep_alive() {
    out_->push_whitespace();
}

void link::give_up(const error& why) {
    // What has arrived was not read, for our own sake.
    const bool unread = why.code() == errc::write_timeout && watch_.suspended();
    if (unread) return writing_failed(std::make_exception_ptr(why));
    if (give_up_) give_up_(why);
}

task<> link::close(std::string stream_error) {
    if (!wire_) co_return;
    if (write_failure_) std::rethrow_exception(write_failure_);
    watch_.stop();
    const auto wire = wire_;
    const auto& time = settings_.time_source();
    closing_limit_ = time->call_at(executor_, time->now() + settings_.disconnection_timeout(),
                                   [wire] { wire->abort(); });
    if (out_) {
        out_->finish(std::move(stream_error));
        co_await writer_idle_.wait();
        if (write_failure_) std::rethrow_exception(write_failure_);
    } else {
        co_await wire->close_stream(std::move(stream_error));
    }
    closed_ = true;
}

void link::abort() noexcept {
    if (wire_) wire_->abort();
}

void link::abandon() {
    give_up_ = nullptr;
    watch_.stop();
    closing_limit_.reset();
    reading_limit_.reset();
    if (wire_ && !closed_) wire_->abort();
    wire_.reset();
    if (out_) out_->close();
}

}  // namespace xmpp::detail
