// What stands around HTTP: the answers of proxies, their URLs and exceptions, header fields and
// cookies of the program's, relative services.
#include <xmpp/error.hpp>
#include <xmpp/options.hpp>

#include "base/ascii.hpp"
#include "net/http/http_head.hpp"
#include "net/proxy/proxy_choice.hpp"
#include "net/proxy/proxy_tunnel.hpp"
#include "net/proxy/socks5.hpp"
#include "net/url/proxy_url.hpp"
#include "net/url/resolve_service.hpp"
#include "target.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace xmpp;

namespace {

constexpr std::string_view secret = "Tr0ub4dor";

std::string connect_outcome(std::string_view input, std::size_t step) {
    detail::http_head_reader reader;
    try {
        for (std::size_t at = 0; at < input.size(); at += step) {
            reader.feed(input.substr(at, step));
            if (!reader.complete()) continue;
            detail::check_connect_answer(reader.head(), false);
            return "connected";
        }
    } catch (const error& refused) {
        return std::string(refused.condition());
    }
    return "more";
}

void check_connect(std::string_view input) {
    const auto whole = connect_outcome(input, input.size() + 1);
    if (whole != connect_outcome(input, 1)) fuzz::fail("it depends on how the bytes are cut");
    constexpr std::size_t status = std::string_view("HTTP/1.1 ").size();
    if (whole == "connected" && (input.size() <= status || input[status] != '2')) {
        fuzz::fail("a connection that the proxy has refused");
    }
}

/// What the client sends to a SOCKS proxy that answers in these pieces; the last is how it ends.
class socks_outcome {
 public:
    explicit socks_outcome(bool with_login) : client_(proxy(with_login), {"example.org", 443}) {}

    void feed(std::string_view piece) {
        if (ended()) return;
        try {
            if (auto next = client_.feed(piece); !next.empty()) sent_.push_back(std::move(next));
            if (client_.done()) sent_.emplace_back("done");
        } catch (const error& refused) {
            failed_ = true;
            sent_.emplace_back(refused.condition());
        }
    }
    bool done() const noexcept { return client_.done() && !failed_; }
    bool ended() const noexcept { return failed_ || client_.done(); }
    const std::vector<std::string>& sent() const noexcept { return sent_; }

 private:
    static detail::proxy_url proxy(bool with_login) {
        return detail::proxy_url::parse(
            with_login ? "socks5://juliet:secret@proxy.example" : "socks5://proxy.example", "test");
    }

    detail::socks5_client client_;
    std::vector<std::string> sent_;
    bool failed_ = false;
};

void check_socks(std::string_view input, bool with_login) {
    socks_outcome bytewise(with_login);
    std::size_t used = 0;
    while (used < input.size() && !bytewise.ended()) bytewise.feed(input.substr(used++, 1));
    if (!bytewise.done()) return;

    // Each of its messages whole, as it may be sent.
    input = input.substr(0, used);
    const bool asked = with_login && input[1] == 2;
    const std::size_t begin = asked ? 4 : 2;
    socks_outcome whole(with_login);
    whole.feed(input.substr(0, 2));
    if (asked) whole.feed(input.substr(2, 2));
    whole.feed(input.substr(begin));
    if (whole.sent() != bytewise.sent()) fuzz::fail("it depends on how the bytes are cut");
    if (input[begin + 1] != 0) fuzz::fail("a connection that the proxy has refused");
}

void check_proxy_url(std::string_view input) {
    const auto separator = input.find("://");
    const auto scheme = separator == input.npos ? 0 : separator + 3;
    std::string text(input);
    text.insert(scheme, std::string("juliet:").append(secret).append("@"));
    try {
        const auto proxy = detail::proxy_url::parse(text, "a test");
        if (proxy.host.empty() || proxy.port == 0) fuzz::fail("a proxy that is nowhere");
    } catch (const error& refused) {
        const std::string_view what = refused.what();
        if (what.find(secret) != what.npos) fuzz::fail("an error that shows a secret");
    }
}

void check_exceptions(std::string_view host, std::string_view list) {
    (void)detail::is_in_no_proxy(host, list);
    const bool plain = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return detail::is_digit(c) || (c >= 'a' && c <= 'z');
    });
    if (!plain) return;
    const auto with_host = std::string(list).append(",").append(host);
    if (!detail::is_in_no_proxy(host, with_host)) {
        fuzz::fail("a host that is not in a list of itself");
    }
}

/// What is written is read again, and nothing else.
void check_written(std::string head, std::string_view name, std::string_view value) {
    detail::http_head_reader reader("GET");
    if (head.size() > detail::http_head_reader::max_bytes) return;
    if (reader.feed(head) != head.size() || !reader.complete()) {
        fuzz::fail("a head that ends elsewhere");
    }
    const auto& fields = reader.head().fields;
    if (fields.size() != 1 || fields[0].first != name || fields[0].second != value) {
        fuzz::fail("a field that becomes another");
    }
}

void check_field(std::string_view name, std::string_view value) {
    detail::http_request_head head("GET", "/");
    head.add(name, value);
    check_written(std::move(head).take(), name, detail::trimmed(value, " \t"));
}

void check_cookie(std::string_view name, std::string_view value) {
    detail::http_request_head head("GET", "/");
    head.add_cookies({{std::string(name), std::string(value)}});
    check_written(std::move(head).take(), "Cookie", std::string(name).append("=").append(value));
}

void check_request_target(std::string_view target) {
    auto head = detail::http_request_head("GET", target);
    const auto text = std::move(head).take();
    if (std::count(text.begin(), text.end(), '\n') != 2) fuzz::fail("a target with a line end");
    if (std::count(text.begin(), text.end(), ' ') != 2) fuzz::fail("a target with white space");
}

void check_relative(std::string_view service, std::string_view base) {
    if (!detail::is_relative_service(service)) return;
    const std::string whole(base.empty() ? "https://example.org/app/?session" : base);
    const auto place = detail::resolve_service(service, options().base_url(whole));
    const auto from = detail::service_url::parse(whole);
    if (place.host != from.host || place.port != from.port) fuzz::fail("a service elsewhere");
    if (from.direct_tls() && !place.direct_tls()) fuzz::fail("a service without its encryption");
    if (detail::service_url::parse(place.str()).str() != place.str()) {
        fuzz::fail("a service that changes when it is read again");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::as_text(data, size);
    check_connect(input);
    check_socks(input, false);
    check_socks(input, true);
    check_proxy_url(input);
    const auto line = input.substr(0, input.find('\n'));
    const auto rest = input.substr(std::min(line.size() + 1, input.size()));
    check_exceptions(line, rest);
    fuzz::with_typed_errors([&] { check_field(line, rest); });
    fuzz::with_typed_errors([&] { check_cookie(line, rest); });
    fuzz::with_typed_errors([&] { check_request_target(line); });
    fuzz::with_typed_errors([&] { check_relative(line, rest); });
    return 0;
}
