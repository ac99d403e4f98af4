#include "base/spawn.hpp"
#include "net/dns/resolver.hpp"

#include <asio/ip/tcp.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

/// Shared by the question and the call that can't be stopped.
struct lookup {
    explicit lookup(const asio::any_io_executor& executor) : resolver(executor) {}

    asio::ip::tcp::resolver resolver;
    resolver::address_function done;
};

class system_question final : public resolver::question {
 public:
    explicit system_question(std::shared_ptr<lookup> call) : call_(std::move(call)) {}
    ~system_question() override {
        call_->done = nullptr;
        call_->resolver.cancel();
    }

 private:
    std::shared_ptr<lookup> call_;
};

address_answer make_answer(const std::error_code& failure,
                           const asio::ip::tcp::resolver::results_type& results) {
    address_answer answer;
    for (const auto& result : results) {
        auto text = result.endpoint().address().to_string();
        auto& found = answer.addresses;
        if (std::find(found.begin(), found.end(), text) == found.end()) {
            found.push_back(std::move(text));
        }
    }
    answer.outcome = answer.addresses.empty() ? dns_outcome::failed : dns_outcome::found;
    if (failure) answer.problem = failure.message();
    return answer;
}

class system_resolver final : public resolver {
 public:
    explicit system_resolver(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    bool knows_services() const noexcept override { return false; }

    std::unique_ptr<question> services(std::string, srv_function done) override {
        auto call = std::make_shared<lookup>(executor_);
        post(executor_, [waiting = std::weak_ptr<lookup>(call), done = std::move(done)] {
            if (waiting.lock()) done({dns_outcome::no_data, {}, {}});
        });
        return std::make_unique<system_question>(std::move(call));
    }

    std::unique_ptr<question> addresses(std::string host, completion how,
                                        address_function done) override {
        // A final dot says that nothing is to be added.
        if (how == completion::forbidden && !host.ends_with('.')) host += '.';
        auto call = std::make_shared<lookup>(executor_);
        call->done = std::move(done);
        call->resolver.async_resolve(host, "", asio::ip::resolver_base::flags(),
                                     [call](const std::error_code& failure, const auto& results) {
                                         if (const auto tell = std::exchange(call->done, nullptr)) {
                                             tell(make_answer(failure, results), true);
                                         }
                                     });
        return std::make_unique<system_question>(std::move(call));
    }

 private:
    asio::any_io_executor executor_;
};

}  // namespace

std::shared_ptr<resolver> make_system_resolver(asio::any_io_executor executor) {
    return std::make_shared<system_resolver>(std::move(executor));
}

}  // namespace xmpp::detail
