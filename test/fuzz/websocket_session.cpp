// A whole session over WebSocket: what a server sends as messages, or as bytes beside its frames.
// Whatever it is, the session ends once, and so does everything that waits for it.
#include "hostile_program.hpp"
#include "hostile_server.hpp"
#include "target.hpp"
#include "testing/websocket_server_stream.hpp"

using namespace xmpp;

namespace {

constexpr std::chrono::minutes longest_session(3);

/// A stream that two share.
class shared_stream final : public byte_stream {
 public:
    explicit shared_stream(std::shared_ptr<byte_stream> below) : below_(std::move(below)) {}

    task<std::string_view> read() override { return below_->read(); }
    task<> write(std::string_view bytes) override { return below_->write(bytes); }
    task<> close() override { return below_->close(); }
    void abort() noexcept override { below_->abort(); }

 private:
    std::shared_ptr<byte_stream> below_;
};

/// The frames of the login, and then bytes that are none of its own.
task<> serve_raw(asio::any_io_executor executor, std::shared_ptr<byte_stream> link,
                 fuzz::session_plan plan) {
    const auto bytes = std::exchange(plan.bytes, std::string_view());
    const auto how = std::exchange(plan.how, fuzz::ending::silence);
    auto framed = std::make_unique<detail::websocket_server_stream>(
        executor, std::make_unique<shared_stream>(link));
    fuzz::hostile_server server(std::move(framed));
    co_await server.log_in(plan);
    co_await link->write(bytes);
    if (how == fuzz::ending::close) co_await link->close();
    if (how == fuzz::ending::cut) link->abort();
    co_await server.read_to_the_end();
}

task<> serve_framed(asio::any_io_executor executor, std::shared_ptr<byte_stream> link,
                    fuzz::session_plan plan) {
    auto framed = std::make_unique<detail::websocket_server_stream>(
        executor, std::make_unique<shared_stream>(std::move(link)));
    fuzz::hostile_server server(std::move(framed));
    co_await server.play(plan);
}

task<std::unique_ptr<byte_stream>> dial(asio::any_io_executor executor, fuzz::session_plan plan,
                                        bool raw) {
    auto [ours, theirs] = testing::memory_stream_pair(
        executor, testing::memory_stream_options().max_read(plan.most_bytes_at_once));
    std::shared_ptr<byte_stream> link = std::move(theirs);
    auto serving = raw ? serve_raw(executor, link, plan) : serve_framed(executor, link, plan);
    detail::spawn(executor, std::move(serving), [](const std::exception_ptr&) {});
    co_return std::move(ours);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    constexpr unsigned component = 16;
    constexpr unsigned raw = 128;
    const fuzz::session_plan plan(data[0], data[1] & ~component,
                                  fuzz::as_text(data, size).substr(2));
    const bool bytes_are_raw = (data[1] & raw) != 0;
    fuzz::world world;
    auto settings = options()
                        .reconnect(false)
                        .dialer([&](const std::string&, std::uint16_t) {
                            return dial(world.executor, plan, bytes_are_raw);
                        })
                        .time_source(world.time)
                        .tls(tls_mode::optional)
                        .allow_plaintext_auth(true);
    fuzz::behaviour what;
    what.leaves = plan.leaves;
    what.resets = plan.resets;
    what.sends = true;
    fuzz::program(world, "ws://example.org/xmpp", std::move(settings), what)
        .run(fuzz::account_of_user(), longest_session);
    return 0;
}
