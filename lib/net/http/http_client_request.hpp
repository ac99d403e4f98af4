#pragma once

#include "net/http/http_client.hpp"
#include "net/http/http_client_tls.hpp"

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace xmpp::detail {

template <auto Free>
struct curl_free_with {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using curl_easy_ptr = std::unique_ptr<CURL, curl_free_with<curl_easy_cleanup>>;
using curl_multi_ptr = std::unique_ptr<CURLM, curl_free_with<curl_multi_cleanup>>;
using curl_share_ptr = std::unique_ptr<CURLSH, curl_free_with<curl_share_cleanup>>;
using curl_list_ptr = std::unique_ptr<curl_slist, curl_free_with<curl_slist_free_all>>;

/// An http or https URL taken apart.
struct http_url {
    std::string text;   // less user and password
    std::string shown;  // less the query too: for logs and errors
    std::string scheme;
    std::string host;  // an IPv6 address between brackets
    std::uint16_t port = 0;
    std::string user;
    std::string password;

    /// \throws xmpp::error(errc::invalid_service)
    static http_url parse(const std::string& text);

    bool same_origin(const http_url& other) const noexcept {
        return scheme == other.scheme && host == other.host && port == other.port;
    }
    bool secure() const noexcept { return scheme == "https"; }
};

/// What all requests of a client have in common: checked settings, in the library's form.
class http_client_request {
 public:
    /// \throws as make_http_client() does
    explicit http_client_request(http_settings settings);

    /// A handle for requests to the URL, with all options that stay the same.
    curl_easy_ptr make_handle();

    const http_settings& settings() const noexcept { return settings_; }
    const http_url& url() const noexcept { return url_; }
    /// Where to open TCP.
    const std::string& target_host() const noexcept { return target_host_; }
    std::uint16_t target_port() const noexcept { return target_port_; }
    /// Does the settings' or the environment's proxy possibly stand in between?
    bool may_use_proxy() const;

    /// Throws what went wrong inside a callback, or why the certificate was refused, if so.
    void throw_tls_failure();

    /// What requests go to from now on, within the origin.
    void move_to(http_url url) { url_ = std::move(url); }

 private:
    static CURLcode on_ssl_context(CURL*, void* context, void* self);

    void make_headers();
    void share_cookies();
    void set_tls(CURL* handle);

    http_settings settings_;
    http_url url_;
    std::string target_host_;
    std::uint16_t target_port_ = 0;
    curl_list_ptr headers_;
    curl_list_ptr connect_to_;
    curl_share_ptr cookies_;
    std::unique_ptr<http_client_tls> tls_;
    std::exception_ptr tls_failure_;
};

/// \throws xmpp::error(errc::not_supported) naming the option when `result` is a failure
void check_option(CURLcode result, const char* option);

}  // namespace xmpp::detail
