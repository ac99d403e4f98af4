#include <xmpp/error.hpp>

#include "base/spawn.hpp"
#include "net/dial/ip_text.hpp"
#include "net/dns/cares_resolver_channel.hpp"
#include "net/dns/dns_message.hpp"
#include "net/dns/name_cache.hpp"
#include "net/dns/resolver.hpp"
#include "net/url/service_url.hpp"

#include <asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

// Later versions discourage what earlier ones have nothing else for.
#define CARES_NO_DEPRECATED
#include <ares.h>

#include <netinet/in.h>
#include <sys/socket.h>

namespace xmpp::detail {
namespace {

using std::chrono::seconds;

constexpr seconds question_limit(5);
constexpr seconds longest_life(24 * 3600);
constexpr seconds longest_negative_life(60);
constexpr std::uint16_t dns_port = 53;

/// The name server knows, be it that there is nothing.
bool is_sure(dns_outcome outcome) {
    return outcome == dns_outcome::found || outcome == dns_outcome::no_data ||
           outcome == dns_outcome::no_such_name;
}

/// Sets the outcome and the problem of an answer without records.
template <class Answer>
void explain(Answer& answer, int status) {
    answer.outcome = dns_outcome::failed;
    switch (status) {
        case ARES_ENODATA:
            answer.outcome = dns_outcome::no_data;
            break;
        case ARES_ENOTFOUND:
        case ARES_ENONAME:
            answer.outcome = dns_outcome::no_such_name;
            break;
        case ARES_ETIMEOUT:
            answer.outcome = dns_outcome::no_answer;
            break;
        case ARES_ECONNREFUSED:
            answer.outcome = dns_outcome::no_answer;
            answer.problem = "no name server can be reached, or none will answer";
            break;
        case ARES_ESERVFAIL:
            answer.problem = "the name server failed (SERVFAIL)";
            break;
        case ARES_EREFUSED:
            answer.problem = "the name server won't answer (REFUSED)";
            break;
        case ARES_EBADRESP:
            answer.problem = "the name server's answer makes no sense";
            break;
        default:
            answer.problem = ares_strerror(status);
    }
}

/// A question and the way back from inside c-ares, where nothing of ours may be destroyed.
class cares_question : public resolver::question {
 public:
    cares_question(asio::any_io_executor executor, std::shared_ptr<clock> time)
        : executor_(std::move(executor)), time_(std::move(time)) {}

    void ask(const cares_channel::settings& how,
             const std::function<void(ares_channeldata*)>& begin) {
        channel_ = std::make_unique<cares_channel>(executor_, time_, how);
        limit_ = time_->call_at(executor_, time_->now() + question_limit, [this] { expired(); });
        channel_->start(begin);
    }

    /// Calls `action` soon, unless this is stopped or destroyed before.
    void later(std::function<void()> action) {
        post(executor_, [alive = std::weak_ptr<bool>(alive_), action = std::move(action)] {
            if (alive.lock()) action();
        });
    }

 protected:
    const std::shared_ptr<clock>& time() const noexcept { return time_; }
    /// Leaves c-ares; what was asked is not answered any more, be it on its way already.
    void stop() noexcept {
        alive_.reset();
        channel_.reset();
        limit_.reset();
    }

 private:
    virtual void expired() = 0;

    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::unique_ptr<clock::timer> limit_;
    std::unique_ptr<cares_channel> channel_;
};

class srv_question final : public cares_question {
 public:
    srv_question(asio::any_io_executor executor, std::shared_ptr<clock> time, std::string key,
                 resolver::srv_function done)
        : cares_question(std::move(executor), std::move(time)),
          key_(std::move(key)),
          done_(std::move(done)) {}
    ~srv_question() override { stop(); }

    void begin(const std::string& name, const std::string& servers) {
        if (auto known = known_names().services(key_, time())) {
            later([this, answer = std::move(*known)]() mutable { finish(std::move(answer)); });
            return;
        }
        name_ = name;
        servers_ = servers;
        ask_servers(false);
    }

 private:
    void ask_servers(bool accept_refusals) {
        wants_reason_ = accept_refusals;
        cares_channel::settings how;
        how.servers = servers_;
        how.complete_names = false;
        how.accept_refusals = accept_refusals;
        ask(how, [&](ares_channeldata* channel) {
            ares_query(channel, name_.c_str(), dns_class_internet, dns_type_srv, &answered, this);
        });
    }

    static void answered(void* self, int status, int, unsigned char* data, int size) {
        if (status == ARES_EDESTRUCTION) return;
        auto* asker = static_cast<srv_question*>(self);
        if (status == ARES_ECONNREFUSED && !asker->wants_reason_) {
            // Early versions say so also when all servers have refused. Which it is decides whether
            // to go on without records.
            asker->later([asker] { asker->ask_servers(true); });
            return;
        }
        const std::span<const unsigned char> message(
            data, data == nullptr ? 0 : static_cast<std::size_t>(size));
        asker->later([asker, answer = asker->read(status, message)]() mutable {
            asker->finish(std::move(answer));
        });
    }

    srv_answer read(int status, std::span<const unsigned char> message) const {
        srv_answer answer;
        auto parsed = parse_srv_message(message, name_);
        if (status == ARES_SUCCESS && !parsed) status = ARES_EBADRESP;
        if (status == ARES_SUCCESS && parsed->records.empty()) status = ARES_ENODATA;
        if (status == ARES_SUCCESS) {
            answer.outcome = dns_outcome::found;
            answer.records = std::move(parsed->records);
        } else {
            explain(answer, status);
        }
        if (is_sure(answer.outcome) && parsed) {
            const auto longest = answer.records.empty() ? longest_negative_life : longest_life;
            known_names().keep(key_, time(), answer, std::min(parsed->time_to_live, longest),
                               generation_);
        }
        return answer;
    }

    void expired() override { finish({}); }

    void finish(srv_answer answer) {
        stop();
        const auto tell = std::move(done_);
        tell(std::move(answer));  // may destroy this
    }

    std::string key_;
    resolver::srv_function done_;
    const std::uint64_t generation_ = known_names().generation();
    std::string name_;
    std::string servers_;
    bool wants_reason_ = false;
};

class address_question final : public cares_question {
 public:
    address_question(asio::any_io_executor executor, std::shared_ptr<clock> time, std::string key,
                     resolver::address_function done)
        : cares_question(std::move(executor), std::move(time)),
          key_(std::move(key)),
          done_(std::move(done)) {}
    ~address_question() override { stop(); }

    void begin(const std::string& host, const cares_channel::settings& how) {
        if (auto known = known_names().addresses(key_, time())) {
            later([this, answer = std::move(*known)]() mutable { finish(std::move(answer)); });
            return;
        }
        if (is_this_machine(host)) {
            // c-ares 1.18 would leak memory.
            whole_.outcome = dns_outcome::found;
            whole_.addresses = {"::1", "127.0.0.1"};
            later([this] { finish(whole_); });
            return;
        }
        ask(how, [&](ares_channeldata* channel) {
            for (const int family : {AF_INET6, AF_INET}) {
                ares_addrinfo_hints hints{};
                hints.ai_family = family;
                hints.ai_socktype = SOCK_STREAM;
                ares_getaddrinfo(channel, host.c_str(), nullptr, &hints, &answered, this);
            }
        });
    }

 private:
    static void answered(void* self, int status, int, ares_addrinfo* found) {
        const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(
            found, &ares_freeaddrinfo);
        if (status == ARES_EDESTRUCTION) return;
        auto* asker = static_cast<address_question*>(self);
        asker->later(
            [asker, part = asker->read(status, found)]() mutable { asker->take(std::move(part)); });
    }

    address_answer read(int status, const ares_addrinfo* found) {
        address_answer part;
        const auto* node = status == ARES_SUCCESS && found != nullptr ? found->nodes : nullptr;
        for (; node != nullptr; node = node->ai_next) {
            part.addresses.push_back(to_address(*node->ai_addr).to_string());
            life_ = std::min(life_, seconds(std::max(node->ai_ttl, 0)));
        }
        if (part.addresses.empty()) {
            explain(part, status == ARES_SUCCESS ? ARES_ENODATA : status);
        } else {
            part.outcome = dns_outcome::found;
        }
        return part;
    }

    static asio::ip::address to_address(const sockaddr& native) {
        if (native.sa_family == AF_INET) {
            const auto& v4 = reinterpret_cast<const sockaddr_in&>(native);
            return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
        }
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(native);
        asio::ip::address_v6::bytes_type bytes;
        std::copy_n(v6.sin6_addr.s6_addr, bytes.size(), bytes.begin());
        return asio::ip::address_v6(bytes, v6.sin6_scope_id);
    }

    void take(address_answer part) {
        const bool last = --waiting_for_ == 0;
        complete_ = complete_ && is_sure(part.outcome);
        auto& all = whole_.addresses;
        // IPv6 first, whichever came first (RFC 8305 section 4).
        const auto& found = part.addresses;
        const bool v6 = !found.empty() && is_ipv6(found.front());
        all.insert(v6 ? all.begin() : all.end(), found.begin(), found.end());
        if (!last) {
            done_(std::move(part), false);
            return;
        }
        if (complete_ && !all.empty()) {
            whole_.outcome = dns_outcome::found;
            known_names().keep(key_, time(), whole_, life_, generation_);
        }
        finish(std::move(part));
    }

    void expired() override { finish({}); }

    void finish(address_answer answer) {
        stop();
        const auto tell = std::move(done_);
        tell(std::move(answer), true);  // may destroy this
    }

    std::string key_;
    resolver::address_function done_;
    const std::uint64_t generation_ = known_names().generation();
    int waiting_for_ = 2;
    seconds life_ = longest_life;
    address_answer whole_;
    bool complete_ = true;
};

class cares_resolver final : public resolver {
 public:
    cares_resolver(asio::any_io_executor executor, std::shared_ptr<clock> time, std::string servers)
        : executor_(std::move(executor)), time_(std::move(time)), servers_(std::move(servers)) {}

    bool knows_services() const noexcept override { return true; }

    std::unique_ptr<question> services(std::string name, srv_function done) override {
        auto asked = std::make_unique<srv_question>(
            executor_, time_, fmt::format("{} {}", name, servers_), std::move(done));
        asked->begin(name, servers_);
        return asked;
    }

    std::unique_ptr<question> addresses(std::string host, completion how,
                                        address_function done) override {
        const bool complete = how == completion::allowed;
        auto asked = std::make_unique<address_question>(
            executor_, time_, fmt::format("{} {} {}", host, complete, servers_), std::move(done));
        cares_channel::settings settings;
        settings.servers = servers_;
        settings.complete_names = complete;
        asked->begin(host, settings);
        return asked;
    }

 private:
    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    std::string servers_;
};

/// One server as c-ares wants it.
std::string normal_server(const std::string& text) {
    std::error_code not_an_address;
    try {
        const auto [host, port] = parse_authority(text, dns_port);
        const auto address = asio::ip::make_address(host, not_an_address);
        if (!not_an_address) {
            return to_text(address.to_string(), port);
        }
    } catch (const error&) {
        // Says less than what follows.
    }
    throw error(
        errc::invalid_options,
        fmt::format("name server '{}': an IP address is wanted, with a port or without", text));
}

}  // namespace

std::shared_ptr<resolver> make_cares_resolver(asio::any_io_executor executor,
                                              std::shared_ptr<clock> time,
                                              const std::vector<std::string>& servers) {
    std::string list;
    for (const auto& server : servers) {
        if (!list.empty()) list += ',';
        list += normal_server(server);
    }
    return std::make_shared<cares_resolver>(std::move(executor), std::move(time), std::move(list));
}

}  // namespace xmpp::detail
