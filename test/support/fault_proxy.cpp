#include "support/fault_proxy.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace xmpp::test {

using asio::ip::tcp;

class fault_proxy::state : public std::enable_shared_from_this<state> {
 public:
    state(asio::io_context& context, std::uint16_t server_port)
        : server_(asio::ip::address_v4::loopback(), server_port),
          reservation_(context),
          acceptor_(context) {
        reservation_.open(tcp::v4());
        reservation_.set_option(asio::socket_base::reuse_address(true));
        reservation_.bind({asio::ip::address_v4::loopback(), 0});
        place_ = reservation_.local_endpoint();
    }

    void listen() {
        refusing = false;
        if (acceptor_.is_open()) return;
        acceptor_.open(tcp::v4());
        acceptor_.set_option(asio::socket_base::reuse_address(true));
        acceptor_.bind(place_);
        acceptor_.listen();
        accept();
    }

    void stop_listening() {
        std::error_code ignored;
        acceptor_.close(ignored);
    }

    void cut() {
        const auto all = links;
        cuts += all.size();
        for (const auto& link : all) link->cut();
        links.clear();
    }

    void look_again() {
        const auto all = links;
        for (const auto& link : all) link->look_again();
    }

    void release() {
        const auto all = links;
        for (const auto& link : all) link->release();
    }

    std::uint16_t port() const { return place_.port(); }

    std::shared_ptr<path_faults> faults = std::make_shared<path_faults>();
    std::array<std::function<void()>, 2> after_cut;
    std::vector<std::shared_ptr<fault_link>> links;
    bool refusing = false;
    std::size_t accepted = 0;
    std::size_t cuts = 0;

 private:
    void accept() {
        acceptor_.async_accept(
            [self = weak_from_this()](std::error_code failed, tcp::socket client) {
                const auto proxy = self.lock();
                if (!proxy || failed == asio::error::operation_aborted) return;
                if (!failed) proxy->serve(std::move(client));
                if (proxy->acceptor_.is_open()) proxy->accept();
            });
    }

    void serve(tcp::socket client) {
        if (refusing) return reset(client);
        ++accepted;
        fault_link::events told;
        told.ended = [self = weak_from_this()](const fault_link& ended) {
            const auto is_it = [&ended](const auto& link) { return link.get() == &ended; };
            if (const auto proxy = self.lock()) std::erase_if(proxy->links, is_it);
        };
        told.due_cut = [self = weak_from_this()](flow direction) {
            const auto proxy = self.lock();
            if (!proxy) return;
            ++proxy->cuts;
            const auto then = std::exchange(proxy->after_cut[index(direction)], {});
            if (then) then();
        };
        auto link = std::make_shared<fault_link>(std::move(client), faults, std::move(told));
        links.push_back(link);
        link->start(server_);
    }

    tcp::endpoint server_;
    // Bound, but never listening: keeps the port for this proxy while nobody listens there.
    tcp::socket reservation_;
    tcp::acceptor acceptor_;
    tcp::endpoint place_;
};

fault_proxy::fault_proxy(asio::io_context& context, std::uint16_t server_port)
    : state_(std::make_shared<state>(context, server_port)) {
    state_->listen();
}

fault_proxy::~fault_proxy() {
    state_->stop_listening();
    state_->cut();
}

std::uint16_t fault_proxy::port() const noexcept {
    return state_->port();
}

void fault_proxy::cut() {
    state_->cut();
}

void fault_proxy::half_open(flow which) {
    for (const auto& link : state_->links) link->hold(which);
}

void fault_proxy::half_open() {
    half_open(flow::to_server);
    half_open(flow::to_client);
}

void fault_proxy::cut_after(flow which, std::uint64_t bytes, std::function<void()> then) {
    state_->faults->until_cut[index(which)] = std::max<std::uint64_t>(bytes, 1);
    state_->after_cut[index(which)] = std::move(then);
}

void fault_proxy::delay(std::chrono::milliseconds by) {
    state_->faults->delay = by;
    state_->look_again();
}

void fault_proxy::throttle(std::uint64_t bytes_per_second) {
    state_->faults->bytes_per_second = bytes_per_second;
    state_->look_again();
}

void fault_proxy::one_byte_at_a_time(flow which) {
    state_->faults->single_bytes[index(which)] = true;
}

void fault_proxy::one_byte_at_a_time() {
    one_byte_at_a_time(flow::to_server);
    one_byte_at_a_time(flow::to_client);
}

void fault_proxy::refuse() {
    state_->refusing = true;
}

void fault_proxy::stop_listening() {
    state_->stop_listening();
}

void fault_proxy::normal() {
    auto& faults = *state_->faults;
    faults.delay = {};
    faults.bytes_per_second = 0;
    faults.single_bytes = {};
    faults.until_cut = {};
    state_->after_cut = {};
    state_->listen();
    state_->release();
}

std::size_t fault_proxy::connections() const noexcept {
    return state_->links.size();
}

std::size_t fault_proxy::accepted() const noexcept {
    return state_->accepted;
}

std::size_t fault_proxy::cuts() const noexcept {
    return state_->cuts;
}

std::uint64_t fault_proxy::forwarded(flow which) const noexcept {
    return state_->faults->forwarded[index(which)];
}

}  // namespace xmpp::test
