#include <xmpp/builder.hpp>
#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "testing/server/routing.hpp"
#include "testing/server/server_stream.hpp"
#include "testing/server/stamp.hpp"
#include "transport/tcp/opening_tag.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace xmpp::detail::serving {
namespace {

bool is(const stanza& element, std::string_view name, std::string_view ns) {
    return element->name() == name && element->ns() == ns;
}

/// The namespace of a prefix, which is what the header must have right, can be seen in the name.
void check_namespaces(const element& header) {
    if (header.name() != "stream" || header.ns() != ns::streams) {
        throw error(stream_condition::invalid_namespace, "this is no stream of XMPP");
    }
}

std::string resource_of(const stanza& request) {
    const auto* bind = request->child("bind", ns::bind);
    const auto* resource = bind->child("resource");
    return resource ? std::string(resource->text()) : std::string();
}

}  // namespace

task<bool> server_stream::negotiate() {
    for (;;) {
        const bool opened = co_await open_stream();
        if (!opened) co_return false;
        for (bool same_stream = true; same_stream;) {
            const auto element = co_await next_element();
            if (!element || leaving_) co_return false;
            if (is(*element, "starttls", ns::tls)) {
                co_await start_tls();
                same_stream = false;
            } else if (is(*element, "auth", ns::sasl)) {
                co_await authenticate(*element);
                same_stream = user_.empty();
            } else if (bind(*element)) {
                co_return true;
            }
        }
    }
}

task<bool> server_stream::open_stream() {
    header_sent_ = false;
    auto event = co_await link_->read();
    if (!event || event->kind() != stream_event_kind::stream_opened) co_return false;
    const stanza header(std::move(*event).content());
    check_namespaces(header.root());
    send_header();
    check_header(header.root());
    send(features());
    co_return true;
}

// RFC 6120 4.7 and 4.9.3.
void server_stream::check_header(const element& header) const {
    if (!header.attr("version").starts_with("1.")) {
        throw error(stream_condition::unsupported_version, "the client does not speak XMPP 1.0");
    }
    const auto to = jid::parse(header.attr("to"));
    if (!to || *to != domain_->name) {
        throw error(stream_condition::host_unknown,
                    fmt::format("'{}' is not served here", header.attr("to")));
    }
}

void server_stream::send_header() {
    header_sent_ = true;
    send(opening_tag(builder("stream")
                         .attr("from", domain_->name)
                         .attr("id", random_id())
                         .attr("version", "1.0")
                         .attr("xml:lang", "en")));
}

std::string server_stream::features() const {
    std::string children;
    if (!user_.empty()) {
        children = fmt::format("<bind xmlns='{}'/>", ns::bind);
    } else {
        if (settings_->tls != tls_mode::disabled && !link_->encrypted()) {
            const bool required = settings_->tls == tls_mode::required;
            children = fmt::format("<starttls xmlns='{}'>{}</starttls>", ns::tls,
                                   required ? "<required/>" : "");
        }
        children += sasl_features();
    }
    return fmt::format("<stream:features>{}</stream:features>", children);
}

/// Nothing when the client has closed its stream, or gone.
task<std::optional<stanza>> server_stream::next_element() {
    auto event = co_await link_->read();
    if (!event || event->kind() != stream_event_kind::stanza_received) co_return std::nullopt;
    co_return stanza(std::move(*event).content());
}

// RFC 6120 5.4.
task<> server_stream::start_tls() {
    const bool possible = settings_->tls != tls_mode::disabled && !link_->encrypted();
    if (!possible || !user_.empty() || !link_->idle()) {
        send(fmt::format("<failure xmlns='{}'/>", ns::tls));
        throw error(stream_condition::policy_violation, "no TLS at this point");
    }
    send(fmt::format("<proceed xmlns='{}'/>", ns::tls));
    co_await outbox_->flushed();
    co_await link_->secure(settings_->identity);
}

// RFC 6120 7. False when there was an error that the client may do better about.
bool server_stream::bind(const stanza& request) {
    if (request.kind() == stanza_kind::other && request->ns() != ns::sasl) {
        throw error(stream_condition::unsupported_stanza_type,
                    fmt::format("<{}> has no place here", request->name()));
    }
    if (user_.empty() || request.kind() != stanza_kind::iq) {
        throw error(stream_condition::not_authorized, "the client has not logged in");
    }
    address = user_;
    if (request.type() != "set" || !request->child("bind", ns::bind)) {
        answer_error(*this, request, stanza_error("not-allowed", "bind a resource first"));
        return false;
    }
    const auto wanted = resource_of(request);
    const auto full =
        jid::parse(fmt::format("{}/{}", user_, wanted.empty() ? random_id() : wanted));
    if (!full) {
        answer_error(*this, request, stanza_error("bad-request", "not a resource"));
        return false;
    }
    // RFC 6120 7.7.2.2: the new one wins.
    if (const auto before = domain_->sessions.find(*full)) before->end(stream_condition::conflict);
    address = *full;
    bound_ = true;
    domain_->sessions.bind(shared_from_this());
    auto result = iq::result().id(request.id());
    result.c("bind", ns::bind).child("jid", address.str());
    deliver(std::move(result));
    return true;
}

}  // namespace xmpp::detail::serving
