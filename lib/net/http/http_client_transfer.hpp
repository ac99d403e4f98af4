#pragma once

#include <xmpp/clock.hpp>

#include "base/event.hpp"
#include "net/http/http_client.hpp"
#include "net/http/http_client_multi.hpp"
#include "net/http/http_client_request.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>

namespace xmpp::detail {

/// One request and its answer. Destroying it takes it away from the library at once.
class http_client_transfer {
 public:
    http_client_transfer(const asio::any_io_executor& executor, http_client_request& common,
                         std::shared_ptr<http_client_multi> multi, curl_easy_ptr handle,
                         std::shared_ptr<const std::string> body);
    ~http_client_transfer();
    http_client_transfer(const http_client_transfer&) = delete;
    http_client_transfer& operator=(const http_client_transfer&) = delete;

    /// `addresses`: of the host to connect to, in the library's form; empty when it knows them.
    void start(const std::string& addresses, clock& time, std::chrono::milliseconds limit);
    /// Returns when there is an answer. \throws as http_client::post() does
    task<> wait();

    http_response take_response() { return std::move(response_); }
    int status() const noexcept { return response_.status; }
    /// Where a redirect points to; empty when it does not say.
    std::string redirect_target() const;
    /// For another request, once this one has ended.
    curl_easy_ptr take_handle();

    /// The transfer of a handle.
    static http_client_transfer& of(CURL* handle);
    void finish(CURLcode result);
    void abort();

 private:
    static std::size_t on_body(const char* data, std::size_t, std::size_t size,
                               void* self) noexcept;
    static std::size_t on_header(const char* data, std::size_t, std::size_t size,
                                 void* self) noexcept;

    void detach() noexcept;
    void throw_failure();

    enum class stage { idle, running, answered, failed, timed_out, aborted };

    asio::any_io_executor executor_;
    http_client_request& common_;
    std::shared_ptr<http_client_multi> multi_;
    curl_easy_ptr handle_;
    std::shared_ptr<const std::string> body_;
    curl_list_ptr addresses_;
    std::unique_ptr<clock::timer> deadline_;
    std::chrono::milliseconds limit_{};
    http_response response_;
    std::array<char, CURL_ERROR_SIZE> text_{};
    CURLcode result_ = CURLE_OK;
    stage stage_ = stage::idle;
    bool attached_ = false;
    bool too_large_ = false;
    event done_;
};

}  // namespace xmpp::detail
