#include "bosh_support.hpp"

#include <xmpp/ns.hpp>

#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace xmpp::test {

std::string message(std::string_view id) {
    return fmt::format("<message xmlns='jabber:client' id='{}'/>", id);
}

detail::outgoing_batch batch(std::string_view element) {
    detail::outgoing_batch made;
    made.add(element);
    return made;
}

detail::stream_header header() {
    return {"example.org", "", "en"};
}

detail::bosh_settings impatient(int max_retries) {
    detail::bosh_settings settings;
    settings.retry.max_retries = max_retries;
    settings.retry.base = std::chrono::milliseconds(0);
    settings.last_answers = std::chrono::milliseconds(20);
    return settings;
}

bosh_link::bosh_link(asio::io_context& given, detail::bosh_settings settings)
    : context(given), server(given.get_executor()) {
    detail::http_settings http;
    http.url = server.url();
    auto client = detail::make_http_client(context.get_executor(), http, clock::steady());
    settings.on_failure = [this](const protocol_error& failure) {
        codes.push_back(failure.number());
    };
    settings.on_next_rid = [this](std::uint64_t rid) { rids.push_back(rid); };
    wire =
        std::make_unique<detail::bosh_transport>(context.get_executor(), std::move(client), false,
                                                 std::move(settings), clock::steady(), seen);
}

task<> bosh_link::begin(std::string attributes) {
    auto ours = header();
    background<stanza> opening(context, wire->open_stream(std::move(ours)));
    first = co_await server.next();
    first->answer(bosh_body(attributes));
    co_await opening.wait();
    (void)opening.result();
}

task<> bosh_link::settle() {
    for (int turn = 0; turn < 50; ++turn) co_await asio::post(asio::use_awaitable);
}

}  // namespace xmpp::test
