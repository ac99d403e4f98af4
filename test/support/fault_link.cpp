#include "support/fault_link.hpp"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <algorithm>
#include <deque>
#include <string>
#include <system_error>
#include <utility>

namespace xmpp::test {
namespace {

using asio::ip::tcp;
using std::chrono::steady_clock;

constexpr std::size_t capacity = 64u << 10;
/// With a limited speed, bytes go in portions of what it allows in this part of a second.
constexpr std::uint64_t portions_per_second = 20;

struct piece {
    std::string bytes;
    steady_clock::time_point arrived;
    std::size_t gone = 0;
};

}  // namespace

void reset(tcp::socket& socket) {
    std::error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

struct fault_link::one_way {
    enum class sender : std::uint8_t { open, ended, broken };

    one_way(flow which_given, tcp::socket& from_given, tcp::socket& to_given)
        : which(which_given), from(from_given), to(to_given), timer(from_given.get_executor()) {}

    flow which;
    tcp::socket& from;
    tcp::socket& to;
    asio::steady_timer timer;
    std::string incoming = std::string(capacity, '\0');
    std::deque<piece> waiting;
    std::size_t waiting_bytes = 0;
    steady_clock::time_point not_before;  // by the speed that is allowed
    sender state = sender::open;
    bool reading = false;
    bool writing = false;
    bool held = false;
    bool closed = false;  // the receiver has been told that the sender has ended
};

fault_link::fault_link(tcp::socket client, std::shared_ptr<path_faults> faults, events told)
    : faults_(std::move(faults)),
      told_(std::move(told)),
      client_(std::move(client)),
      server_(client_.get_executor()),
      ways_{std::make_unique<one_way>(flow::to_server, client_, server_),
            std::make_unique<one_way>(flow::to_client, server_, client_)} {}

fault_link::~fault_link() = default;

void fault_link::start(const tcp::endpoint& server) {
    server_.async_connect(server, [self = shared_from_this()](std::error_code failed) {
        if (self->over_) return;
        if (failed) return self->cut();
        self->joined_ = true;
        for (auto* socket : {&self->client_, &self->server_}) {
            std::error_code ignored;
            socket->set_option(tcp::no_delay(true), ignored);
        }
        self->look_again();
    });
}

void fault_link::hold(flow which) {
    ways_[index(which)]->held = true;
}

void fault_link::release() {
    for (auto& way : ways_) way->held = false;
    look_again();
}

void fault_link::look_again() {
    for (auto& way : ways_) {
        way->not_before = {};
        pump(*way);
    }
}

void fault_link::cut() {
    if (std::exchange(over_, true)) return;
    reset(client_);
    reset(server_);
    for (auto& way : ways_) way->timer.cancel();
    report_end();
}

void fault_link::pump(one_way& way) {
    if (!joined_) return;
    read(way);
    write(way);
}

void fault_link::read(one_way& way) {
    if (over_ || way.reading || way.state != one_way::sender::open) return;
    if (way.waiting_bytes >= capacity) return;
    way.reading = true;
    const auto room = asio::buffer(way.incoming, capacity - way.waiting_bytes);
    way.from.async_read_some(
        room, [self = shared_from_this(), &way](std::error_code failed, std::size_t size) {
            way.reading = false;
            if (failed == asio::error::eof) {
                way.state = one_way::sender::ended;
            } else if (failed) {
                way.state = one_way::sender::broken;
            } else {
                way.waiting.push_back({way.incoming.substr(0, size), steady_clock::now()});
                way.waiting_bytes += size;
            }
            self->pump(way);
        });
}

void fault_link::write(one_way& way) {
    if (over_ || way.writing || way.held) return;
    if (way.state == one_way::sender::broken) return cut();
    if (way.waiting.empty()) return pass_on_end(way);
    const auto due = std::max(way.waiting.front().arrived + faults_->delay, way.not_before);
    if (steady_clock::now() < due) {
        way.timer.expires_at(due);
        way.timer.async_wait([self = shared_from_this(), &way](std::error_code cancelled) {
            if (!cancelled) self->write(way);
        });
        return;
    }
    const auto& next = way.waiting.front();
    const auto bytes = asio::buffer(next.bytes.data() + next.gone, portion(way));
    way.writing = true;
    way.to.async_write_some(
        bytes, [self = shared_from_this(), &way](std::error_code failed, std::size_t size) {
            way.writing = false;
            if (self->over_) return;
            if (!failed) return self->wrote(way, size);
            way.waiting.clear();
            way.waiting_bytes = 0;
            // The other side learns that the receiver is gone, on the way from there.
            auto& back = *self->ways_[1 - index(way.which)];
            back.state = one_way::sender::broken;
            self->pump(back);
        });
}

std::size_t fault_link::portion(const one_way& way) const {
    const auto& next = way.waiting.front();
    std::uint64_t size = next.bytes.size() - next.gone;
    if (faults_->single_bytes[index(way.which)]) size = 1;
    if (const auto speed = faults_->bytes_per_second) {
        size = std::min(size, std::max<std::uint64_t>(1, speed / portions_per_second));
    }
    if (const auto& left = faults_->until_cut[index(way.which)]) size = std::min(size, *left);
    return static_cast<std::size_t>(size);
}

void fault_link::wrote(one_way& way, std::size_t size) {
    auto& first = way.waiting.front();
    first.gone += size;
    way.waiting_bytes -= size;
    if (first.gone == first.bytes.size()) way.waiting.pop_front();
    faults_->forwarded[index(way.which)] += size;
    if (const auto speed = faults_->bytes_per_second) {
        const std::chrono::duration<double> taken(static_cast<double>(size) /
                                                  static_cast<double>(speed));
        way.not_before = std::max(way.not_before, steady_clock::now()) +
                         std::chrono::duration_cast<steady_clock::duration>(taken);
    }
    if (auto& left = faults_->until_cut[index(way.which)]) {
        *left -= std::min<std::uint64_t>(*left, size);
        if (*left == 0) {
            left.reset();
            cut();
            return told_.due_cut(way.which);
        }
    }
    pump(way);
}

void fault_link::pass_on_end(one_way& way) {
    if (way.state != one_way::sender::ended || std::exchange(way.closed, true)) return;
    std::error_code ignored;
    way.to.shutdown(tcp::socket::shutdown_send, ignored);
    if (!ways_[0]->closed || !ways_[1]->closed) return;
    over_ = true;
    client_.close(ignored);
    server_.close(ignored);
    report_end();
}

void fault_link::report_end() {
    asio::post(client_.get_executor(), [self = shared_from_this()] { self->told_.ended(*self); });
}

}  // namespace xmpp::test
