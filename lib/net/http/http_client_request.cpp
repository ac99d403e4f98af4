#include "net/http/http_client_request.hpp"

#include <xmpp/error.hpp>

#include "base/ascii.hpp"
#include "net/dial/ip_text.hpp"
#include "net/http/http_client_memory.hpp"
#include "net/http/http_head.hpp"
#include "net/url/service_url.hpp"
#include "net/url/url_text.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <new>
#include <sys/socket.h>
#include <utility>

namespace xmpp::detail {
namespace {

using curl_url_ptr = std::unique_ptr<CURLU, curl_free_with<curl_url_cleanup>>;

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    const std::unique_ptr<char, curl_free_with<curl_free>> owned(text);
    return text;
}

void check_header(const std::string& name, const std::string& value) {
    if (!is_http_token(name)) {
        throw error(errc::invalid_options, fmt::format("'{}' can't be the name of a header", name));
    }
    if (!is_http_field_value(value)) {
        throw error(errc::invalid_options,
                    fmt::format("the value of header '{}' has a line break or another control "
                                "character in it",
                                name));
    }
    if (equal_in_any_case(name, "content-length") || equal_in_any_case(name, "transfer-encoding")) {
        throw error(errc::invalid_options,
                    fmt::format("header '{}' is set by the library itself", name));
    }
}

void append(curl_list_ptr& list, const std::string& line) {
    auto* const longer = curl_slist_append(list.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
}

bool is_set(const char* variable) {
    const char* const value = std::getenv(variable);
    return value && *value != '\0';
}

/// To the library, socks5:// means to look up the server's name here.
std::string url_for_library(std::string proxy) {
    constexpr std::string_view here = "socks5://";
    if (!equal_in_any_case(std::string_view(proxy).substr(0, here.size()), here)) return proxy;
    return proxy.insert(here.find(':'), 1, 'h');
}

/// The library's own sockets are inherited by programs that this process starts.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) noexcept {
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

void check_option(CURLcode result, const char* option) {
    if (result == CURLE_OK) return;
    if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
    throw error(errc::not_supported, fmt::format("this build of libcurl refuses {}: {}", option,
                                                 curl_easy_strerror(result)));
}

http_url http_url::parse(const std::string& text) {
    const auto refuse = [&](std::string_view why) {
        throw error(errc::invalid_service, fmt::format("'{}': {}", without_secrets(text), why));
    };
    if (text.find('\0') != std::string::npos) refuse("there is a NUL in it");
    const curl_url_ptr parsed(curl_url());
    if (!parsed) throw std::bad_alloc();
    if (const auto failure = curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), 0);
        failure != CURLUE_OK) {
        refuse(curl_url_strerror(failure));
    }
    http_url url;
    url.scheme = part_of(parsed.get(), CURLUPART_SCHEME);
    if (url.scheme != "http" && url.scheme != "https") refuse("not an http or https URL");
    url.host = part_of(parsed.get(), CURLUPART_HOST);
    url.port = static_cast<std::uint16_t>(
        std::stoi(part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT)));
    url.user = part_of(parsed.get(), CURLUPART_USER, CURLU_URLDECODE);
    url.password = part_of(parsed.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
    curl_url_set(parsed.get(), CURLUPART_USER, nullptr, 0);
    curl_url_set(parsed.get(), CURLUPART_PASSWORD, nullptr, 0);
    curl_url_set(parsed.get(), CURLUPART_FRAGMENT, nullptr, 0);
    url.text = part_of(parsed.get(), CURLUPART_URL);
    url.shown = without_secrets(url.text);
    return url;
}

http_client_request::http_client_request(http_settings settings)
    : settings_(std::move(settings)), url_(http_url::parse(settings_.url)) {
    initialise_curl();
    target_host_ = url_.host;
    target_port_ = url_.port;
    if (!settings_.connect_address.empty()) {
        auto [host, port] = parse_authority(settings_.connect_address, url_.port);
        target_host_ = in_brackets_if_ipv6(host);
        target_port_ = port;
        append(connect_to_, fmt::format("::{}:{}", target_host_, target_port_));
    }
    make_headers();
    share_cookies();
    if (url_.secure()) {
        auto name = settings_.verify_name.empty() ? url_.host : settings_.verify_name;
        tls_ = std::make_unique<http_client_tls>(settings_.tls, std::move(name));
    }
    if (equal_in_any_case(std::string_view(settings_.proxy).substr(0, 6), "https:")) {
        throw error(errc::invalid_options,
                    "a proxy that is itself reached over TLS (https://) is not supported");
    }
}

void http_client_request::make_headers() {
    check_header("Content-Type", settings_.content_type);
    append(headers_, "Content-Type: " + settings_.content_type);
    append(headers_, "Expect:");  // a round trip for nothing
    for (const auto& [name, value] : settings_.headers) {
        check_header(name, value);
        // Without a value the library takes "name:" for a header to leave out.
        append(headers_,
               value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value));
    }
}

// One jar for all handles, which are used in one thread: the library need not lock it.
void http_client_request::share_cookies() {
    cookies_.reset(curl_share_init());
    if (!cookies_) throw std::bad_alloc();
    curl_share_setopt(cookies_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
    if (settings_.cookies.empty()) return;
    const curl_easy_ptr handle(curl_easy_init());
    if (!handle) throw std::bad_alloc();
    curl_easy_setopt(handle.get(), CURLOPT_SHARE, cookies_.get());
    for (const auto& [name, value] : settings_.cookies) {
        if (!is_http_token(name) || !is_http_field_value(value) || value.find(';') != value.npos) {
            throw error(errc::invalid_options,
                        fmt::format("'{}' can't be a cookie: names are tokens, values have no "
                                    "semicolon and no control character",
                                    name));
        }
        // Without a domain it is sent with each request; they all go to one origin.
        const auto line = fmt::format("Set-Cookie: {}={}", name, value);
        check_option(curl_easy_setopt(handle.get(), CURLOPT_COOKIELIST, line.c_str()), "cookies");
    }
}

curl_easy_ptr http_client_request::make_handle() {
    curl_easy_ptr owned(curl_easy_init());
    CURL* const handle = owned.get();
    if (!handle) throw std::bad_alloc();
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(handle, CURLOPT_SHARE, cookies_.get());
    curl_easy_setopt(handle, CURLOPT_COOKIEFILE, "");  // no file, but the jar is on
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
#if LIBCURL_VERSION_NUM >= 0x075500
    check_option(curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https"), "protocols");
#else
    check_option(curl_easy_setopt(handle, CURLOPT_PROTOCOLS,
                                  static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS)),
                 "protocols");
#endif
    if (connect_to_) curl_easy_setopt(handle, CURLOPT_CONNECT_TO, connect_to_.get());
    if (!settings_.proxy.empty()) {
        check_option(
            curl_easy_setopt(handle, CURLOPT_PROXY, url_for_library(settings_.proxy).c_str()),
            "proxy");
    }
    const auto& user = settings_.user.empty() ? url_.user : settings_.user;
    const auto& password = settings_.user.empty() ? url_.password : settings_.password;
    if (!user.empty()) {
        curl_easy_setopt(handle, CURLOPT_USERNAME, user.c_str());
        curl_easy_setopt(handle, CURLOPT_PASSWORD, password.c_str());
    }
    if (tls_) set_tls(handle);
    return owned;
}

void http_client_request::set_tls(CURL* handle) {
    // The authorities come with our context: reading the system's anew takes long.
    curl_easy_setopt(handle, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    check_option(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L), "SSL_VERIFYPEER");
    // The name is checked by our context; the library's own check knows the URL's host only.
    const long verify_host = settings_.verify_name.empty() ? 2L : 0L;
    check_option(curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, verify_host), "SSL_VERIFYHOST");
    check_option(curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, &on_ssl_context),
                 "SSL_CTX_FUNCTION, which needs its OpenSSL flavour");
    check_option(curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, this), "SSL_CTX_DATA");
}

CURLcode http_client_request::on_ssl_context(CURL*, void* context, void* self) {
    auto* const request = static_cast<http_client_request*>(self);
    try {
        request->tls_->apply_to(static_cast<SSL_CTX*>(context));
        return CURLE_OK;
    } catch (...) {
        request->tls_failure_ = std::current_exception();
        return CURLE_ABORTED_BY_CALLBACK;
    }
}

void http_client_request::throw_tls_failure() {
    if (auto failure = std::exchange(tls_failure_, nullptr)) std::rethrow_exception(failure);
    if (tls_) tls_->throw_if_refused();
}

bool http_client_request::may_use_proxy() const {
    if (!settings_.proxy.empty() || is_set("all_proxy") || is_set("ALL_PROXY")) return true;
    if (url_.secure()) return is_set("https_proxy") || is_set("HTTPS_PROXY");
    return is_set("http_proxy");  // the other spelling could come from a CGI request
}

}  // namespace xmpp::detail
