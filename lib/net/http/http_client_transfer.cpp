#include "net/http/http_client_transfer.hpp"

#include <xmpp/error.hpp>

#include <asio/error.hpp>
#include <fmt/format.h>

#include <new>
#include <string_view>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

std::error_code code_of(CURLcode result) {
    switch (result) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return errc::host_not_found;
        case CURLE_COULDNT_CONNECT:
        case CURLE_PROXY:
            return errc::connection_refused;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ENGINE_NOTFOUND:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_USE_SSL_FAILED:
            return errc::tls_failure;
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return errc::unexpected_data;
        default:
            return errc::connection_lost;
    }
}

}  // namespace

http_client_transfer::http_client_transfer(const asio::any_io_executor& executor,
                                           http_client_request& common,
                                           std::shared_ptr<http_client_multi> multi,
                                           curl_easy_ptr handle,
                                           std::shared_ptr<const std::string> body)
    : executor_(executor),
      common_(common),
      multi_(std::move(multi)),
      handle_(std::move(handle)),
      body_(std::move(body)),
      done_(executor) {}

http_client_transfer::~http_client_transfer() {
    detach();
}

void http_client_transfer::start(const std::string& addresses, clock& time,
                                 std::chrono::milliseconds limit) {
    CURL* const handle = handle_.get();
    curl_easy_setopt(handle, CURLOPT_URL, common_.url().text.c_str());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_->size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body_->data());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, text_.data());
    curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
    if (!addresses.empty()) addresses_.reset(curl_slist_append(nullptr, addresses.c_str()));
    curl_easy_setopt(handle, CURLOPT_RESOLVE, addresses_.get());
    limit_ = limit;
    // Destroyed with this, hence never called later.
    deadline_ = time.call_at(executor_, time.now() + limit, [this] {
        if (stage_ != stage::running) return;
        stage_ = stage::timed_out;
        detach();
        done_.set();
    });
    multi_->add(handle);
    attached_ = true;
    stage_ = stage::running;
}

task<> http_client_transfer::wait() {
    co_await done_.wait();
    deadline_.reset();
    throw_failure();
}

void http_client_transfer::throw_failure() {
    const auto& place = common_.url().shown;
    if (stage_ == stage::aborted) throw std::system_error(asio::error::operation_aborted);
    if (stage_ == stage::timed_out) {
        throw error(errc::connection_lost,
                    fmt::format("no answer from {} within {} ms", place, limit_.count()));
    }
    if (too_large_) {
        throw error(stream_condition::policy_violation,
                    fmt::format("the answer from {} is larger than allowed ({} bytes, {} of "
                                "headers)",
                                place, common_.settings().max_body_bytes,
                                common_.settings().max_header_bytes));
    }
    if (stage_ == stage::answered) return;
    if (result_ == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
    common_.throw_tls_failure();
    const std::string_view said = text_[0] != '\0' ? text_.data() : curl_easy_strerror(result_);
    throw error(code_of(result_), fmt::format("posting to {}: {}", place, said));
}

void http_client_transfer::finish(CURLcode result) {
    if (stage_ != stage::running) return;
    result_ = result;
    stage_ = result == CURLE_OK ? stage::answered : stage::failed;
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    done_.set();
}

void http_client_transfer::abort() {
    if (stage_ == stage::aborted) return;
    stage_ = stage::aborted;
    detach();
    done_.set();
}

void http_client_transfer::detach() noexcept {
    if (std::exchange(attached_, false)) multi_->remove(handle_.get());
}

std::string http_client_transfer::redirect_target() const {
    const char* target = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &target);
    return target ? target : std::string();
}

curl_easy_ptr http_client_transfer::take_handle() {
    detach();
    curl_easy_setopt(handle_.get(), CURLOPT_RESOLVE, nullptr);
    curl_easy_setopt(handle_.get(), CURLOPT_ERRORBUFFER, nullptr);
    return std::move(handle_);
}

http_client_transfer& http_client_transfer::of(CURL* handle) {
    char* self = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
    return *reinterpret_cast<http_client_transfer*>(self);
}

std::size_t http_client_transfer::on_body(const char* data, std::size_t, std::size_t size,
                                          void* self) noexcept {
    auto& transfer = *static_cast<http_client_transfer*>(self);
    auto& body = transfer.response_.body;
    transfer.too_large_ = size > transfer.common_.settings().max_body_bytes - body.size();
    if (transfer.too_large_) return 0;  // which ends the transfer
    try {
        body.append(data, size);
        return size;
    } catch (...) {
        return 0;
    }
}

std::size_t http_client_transfer::on_header(const char* data, std::size_t, std::size_t size,
                                            void* self) noexcept {
    auto& transfer = *static_cast<http_client_transfer*>(self);
    auto& headers = transfer.response_.headers;
    transfer.too_large_ = size > transfer.common_.settings().max_header_bytes - headers.size();
    if (transfer.too_large_) return 0;
    try {
        headers.append(data, size);
        return size;
    } catch (...) {
        return 0;
    }
}

}  // namespace xmpp::detail
