#pragma once

#include <asio/ip/tcp.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace xmpp::test {

/// Which way bytes go through a fault_proxy.
enum class flow : std::uint8_t { to_server, to_client };

inline std::size_t index(flow which) {
    return static_cast<std::size_t>(which);
}

/// Closes it so that the other end sees a reset, and drops what has not been sent.
void reset(asio::ip::tcp::socket& socket);

/// What a fault_proxy does to the bytes of all its connections, and how many there were.
struct path_faults {
    std::chrono::milliseconds delay{0};
    std::uint64_t bytes_per_second = 0;  ///< 0: as fast as it goes
    std::array<bool, 2> single_bytes{};  ///< each way
    /// How many bytes may still go each way before the connection that has the last one is cut.
    std::array<std::optional<std::uint64_t>, 2> until_cut;
    std::array<std::uint64_t, 2> forwarded{};
};

/// One connection through a fault_proxy. Holds 64 KiB each way at most: then a side that does not
/// read makes the other one wait.
class fault_link : public std::enable_shared_from_this<fault_link> {
 public:
    /// What it tells its proxy, never from inside a call of the proxy's.
    struct events {
        std::function<void(const fault_link&)> ended;  ///< both sockets are closed
        std::function<void(flow)> due_cut;             ///< until_cut has come to 0 here
    };

    fault_link(asio::ip::tcp::socket client, std::shared_ptr<path_faults> faults, events told);
    ~fault_link();

    void start(const asio::ip::tcp::endpoint& server);
    /// Forwards nothing that way any more, neither bytes nor that the sender has closed.
    void hold(flow which);
    /// Takes hold() back.
    void release();
    /// Looks at the faults again, which have changed.
    void look_again();
    /// Resets both sockets.
    void cut();

 private:
    struct one_way;

    void pump(one_way& way);
    void read(one_way& way);
    void write(one_way& way);
    void wrote(one_way& way, std::size_t size);
    void pass_on_end(one_way& way);
    std::size_t portion(const one_way& way) const;
    void report_end();

    std::shared_ptr<path_faults> faults_;
    events told_;
    asio::ip::tcp::socket client_;
    asio::ip::tcp::socket server_;
    std::array<std::unique_ptr<one_way>, 2> ways_;
    bool joined_ = false;
    bool over_ = false;
};

}  // namespace xmpp::test
