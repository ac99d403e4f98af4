#pragma once

#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "base/event.hpp"
#include "transport/transport.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xmpp::detail {

/// A transport that reads one element before anybody asks, so that the end of a link is noticed
/// while nothing is expected. Whoever reads next gets that element, or failure; after that, and in
/// everything else, it is the transport below.
class early_reader final : public transport {
 public:
    early_reader(const asio::any_io_executor& executor, std::shared_ptr<transport> below);

    /// Begins to read; `noticed` is pulsed when that has ended.
    static void start(const std::shared_ptr<early_reader>& self,
                      const asio::any_io_executor& executor, std::shared_ptr<event> noticed);
    bool over() const noexcept { return over_.is_set(); }

    task<std::optional<stanza>> read() override;
    task<stanza> open_stream(stream_header header) override {
        return below_->open_stream(std::move(header));
    }
    task<> write(const outgoing_batch& batch) override { return below_->write(batch); }
    std::size_t element_overhead() const noexcept override { return below_->element_overhead(); }
    void forbid_white_space() noexcept override { below_->forbid_white_space(); }
    task<> start_tls() override { return below_->start_tls(); }
    task<> close_stream(std::string stream_error) override {
        return below_->close_stream(std::move(stream_error));
    }
    void abort() noexcept override { below_->abort(); }
    void established() noexcept override { below_->established(); }
    std::optional<joined_session> joined() const override { return below_->joined(); }
    bool secure() const noexcept override { return below_->secure(); }
    std::string encryption() const override { return below_->encryption(); }
    std::vector<channel_binding_data> channel_bindings() const override {
        return below_->channel_bindings();
    }
    http_capability* http() noexcept override { return below_->http(); }
    shared_capability* shared() noexcept override { return below_->shared(); }

 private:
    static task<> read_one(std::shared_ptr<early_reader> self);
    task<std::optional<stanza>> take();

    std::shared_ptr<transport> below_;
    event over_;
    bool taken_ = false;
    std::optional<stanza> element_;
    std::exception_ptr failure_;
};

}  // namespace xmpp::detail
