#include "dial_support.hpp"

#include "net/dial/ip_text.hpp"
#include "net/socket/tcp_socket.hpp"

#include <asio/ip/tcp.hpp>
#include <fmt/format.h>

#include <utility>

namespace xmpp::test {

class known_names::asked_question final : public question {
 public:
    explicit asked_question(std::shared_ptr<int> waiting) : waiting_(std::move(waiting)) {
        ++*waiting_;
    }
    ~asked_question() override { --*waiting_; }

    std::vector<std::unique_ptr<clock::timer>> answers;

 private:
    std::shared_ptr<int> waiting_;
};

known_names& known_names::host(const std::string& name, std::vector<std::string> addresses,
                               milliseconds after) {
    hosts_[name].push_back({std::move(addresses), after});
    return *this;
}

known_names& known_names::service(const std::string& name, detail::srv_answer answer) {
    services_[name] = std::move(answer);
    return *this;
}

known_names& known_names::silent(const std::string& name) {
    hosts_[name];
    return *this;
}

std::unique_ptr<detail::resolver::question> known_names::services(std::string name,
                                                                  srv_function done) {
    asked_.push_back(name);
    auto asked = std::make_unique<asked_question>(waiting_);
    detail::srv_answer answer{detail::dns_outcome::no_such_name, {}, {}};
    if (const auto found = services_.find(name); found != services_.end()) answer = found->second;
    asked->answers.push_back(time_->call_at(executor_, time_->now(),
                                            [done = std::move(done), answer] { done(answer); }));
    return asked;
}

std::unique_ptr<detail::resolver::question> known_names::addresses(std::string host, completion how,
                                                                   address_function done) {
    asked_.push_back(host + (how == completion::allowed ? "?" : ""));
    auto asked = std::make_unique<asked_question>(waiting_);
    std::vector<part> parts{{{}, milliseconds(0)}};
    if (const auto found = hosts_.find(host); found != hosts_.end()) parts = found->second;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        detail::address_answer answer;
        answer.addresses = parts[i].addresses;
        answer.outcome = answer.addresses.empty() ? detail::dns_outcome::no_such_name
                                                  : detail::dns_outcome::found;
        const bool last = i + 1 == parts.size();
        asked->answers.push_back(time_->call_at(executor_, time_->now() + parts[i].after,
                                                [done, answer, last] { done(answer, last); }));
    }
    return asked;
}

class known_addresses::open_attempt final : public attempt {
 public:
    explicit open_attempt(std::shared_ptr<int> open) : open_(std::move(open)) { ++*open_; }
    ~open_attempt() override { --*open_; }

    std::unique_ptr<clock::timer> result;

 private:
    std::shared_ptr<int> open_;
};

known_addresses& known_addresses::accepts(const std::string& address, milliseconds after) {
    known_[address] = {{}, after};
    return *this;
}

known_addresses& known_addresses::refuses(const std::string& address, milliseconds after) {
    known_[address] = {asio::error::connection_refused, after};
    return *this;
}

std::unique_ptr<detail::connector::attempt> known_addresses::connect(const std::string& address,
                                                                     std::uint16_t port,
                                                                     function done) {
    const auto since = std::chrono::duration_cast<milliseconds>(time_->now() - begin_);
    attempts_.push_back(fmt::format("{} at {}", detail::to_text(address, port), since.count()));
    auto made = std::make_unique<open_attempt>(open_);
    if (const auto found = known_.find(address); found != known_.end()) {
        const auto how = found->second;
        made->result = time_->call_at(
            context_.get_executor(), time_->now() + how.after,
            [&context = context_, how, done = std::move(done)] {
                const auto tell = done;  // the attempt may be destroyed by the call
                tell(how.result, how.result
                                     ? nullptr
                                     : detail::make_tcp_stream(asio::ip::tcp::socket(context)));
            });
    }
    return made;
}

}  // namespace xmpp::test
