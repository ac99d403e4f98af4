#include "net/http/http_client.hpp"

#include <xmpp/error.hpp>

#include "address/domain_name.hpp"
#include "net/dial/ip_text.hpp"
#include "net/dns/find_addresses.hpp"
#include "net/dns/name_cache.hpp"
#include "net/dns/resolver.hpp"
#include "net/http/http_client_multi.hpp"
#include "net/http/http_client_request.hpp"
#include "net/http/http_client_transfer.hpp"
#include "net/url/url_text.hpp"

#include <asio/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

namespace xmpp::detail {
namespace {

constexpr int max_redirects = 5;
constexpr std::size_t max_idle_handles = 4;

bool is_redirect(int status) {
    return status == 307 || status == 308;  // the others turn a POST into a GET
}

class curl_http_client final : public http_client,
                               public std::enable_shared_from_this<curl_http_client> {
 public:
    curl_http_client(asio::any_io_executor executor, http_settings settings,
                     std::shared_ptr<clock> time)
        : executor_(std::move(executor)),
          time_(std::move(time)),
          names_(make_resolver(executor_, time_, settings.name_servers)),
          common_(std::move(settings)),
          multi_(std::make_shared<http_client_multi>(
              executor_, time_, [](CURL* handle, CURLcode result) {
                  http_client_transfer::of(handle).finish(result);
              })) {}

    ~curl_http_client() override { idle_.clear(); }

    task<http_response> post(std::shared_ptr<const std::string> body,
                             std::chrono::milliseconds limit) override {
        return run(shared_from_this(), std::move(body), limit);
    }

    void abort() noexcept override {
        aborted_ = true;
        for (auto* transfer : running_) transfer->abort();
    }

 private:
    /// Makes a transfer known to abort().
    class registered {
     public:
        registered(curl_http_client& owner, http_client_transfer& transfer)
            : owner_(owner), transfer_(transfer) {
            owner_.running_.push_back(&transfer_);
        }
        ~registered() { std::erase(owner_.running_, &transfer_); }
        registered(const registered&) = delete;
        registered& operator=(const registered&) = delete;

     private:
        curl_http_client& owner_;
        http_client_transfer& transfer_;
    };

    // Shares ownership: the client may go while a request is being cancelled.
    static task<http_response> run(std::shared_ptr<curl_http_client> self,
                                   std::shared_ptr<const std::string> body,
                                   std::chrono::milliseconds limit) {
        co_await self->find_addresses();
        for (int redirects = 0;; ++redirects) {
            http_client_transfer transfer(self->executor_, self->common_, self->multi_,
                                          self->take_handle(), body);
            const registered known(*self, transfer);
            transfer.start(self->addresses_, *self->time_, limit);
            try {
                co_await transfer.wait();
            } catch (const error&) {
                self->forget_addresses();
                throw;
            }
            const bool redirect = is_redirect(transfer.status());
            if (redirect) self->follow(transfer.redirect_target(), redirects);
            self->keep_handle(transfer.take_handle());
            if (!redirect) co_return transfer.take_response();
        }
    }

    /// The library's own look-up could not be cancelled. Behind a proxy it is the proxy's business.
    task<> find_addresses() {
        throw_if_aborted();
        if (known_ || common_.may_use_proxy()) co_return;
        const auto& target = common_.target_host();
        if (!as_ip_address(target)) {
            auto host = domain_to_ascii(target);
            auto found = co_await detail::find_addresses(names_, std::move(host));
            for (auto& address : found) address = in_brackets_if_ipv6(address);
            addresses_ =
                fmt::format("{}:{}:{}", target, common_.target_port(), fmt::join(found, ","));
        }
        known_ = true;
        throw_if_aborted();
    }

    /// They may have changed, or never have been the server's.
    void forget_addresses() {
        known_ = false;
        forget_names(domain_to_ascii(common_.target_host()));
    }

    void throw_if_aborted() const {
        if (aborted_) throw std::system_error(asio::error::operation_aborted);
    }

    void follow(const std::string& target, int redirects) {
        if (redirects >= max_redirects) {
            throw error(errc::too_many_redirects, fmt::format("from {}", common_.url().shown));
        }
        auto url = http_url::parse(target);
        if (!url.same_origin(common_.url())) {
            throw error(errc::invalid_service,
                        fmt::format("{} redirects to '{}', another origin; if that is meant to be, "
                                    "use it as the service",
                                    common_.url().shown, without_secrets(target)));
        }
        common_.move_to(std::move(url));
    }

    curl_easy_ptr take_handle() {
        if (idle_.empty()) return common_.make_handle();
        auto handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
    }

    void keep_handle(curl_easy_ptr handle) {
        if (idle_.size() < max_idle_handles) idle_.push_back(std::move(handle));
    }

    asio::any_io_executor executor_;
    std::shared_ptr<clock> time_;
    std::shared_ptr<resolver> names_;
    http_client_request common_;
    std::shared_ptr<http_client_multi> multi_;  // before common_ goes: it calls back
    std::vector<curl_easy_ptr> idle_;
    std::vector<http_client_transfer*> running_;
    std::string addresses_;
    bool known_ = false;
    bool aborted_ = false;
};

}  // namespace

std::shared_ptr<http_client> make_http_client(asio::any_io_executor executor,
                                              http_settings settings, std::shared_ptr<clock> time) {
    return std::make_shared<curl_http_client>(std::move(executor), std::move(settings),
                                              std::move(time));
}

}  // namespace xmpp::detail
