// A whole session over HTTP: what a server answers to the requests after the login, be it a body, a
// status, or nothing. Whatever it is, the session ends once, and so does everything that waits.
#include "net/http/http_client.hpp"
#include "opened_session.hpp"
#include "target.hpp"
#include "transport/bosh/bosh_transport.hpp"

#include <algorithm>
#include <deque>
#include <string>

using namespace xmpp;

namespace {

/// The retries of a request, each with its time limit, and the end behind them.
constexpr std::chrono::minutes longest_session(60);

/// What the server answers while it behaves; {rid} and {id} are those of the request.
constexpr const char* good_answers[] = {
    "<body xmlns='http://jabber.org/protocol/httpbind' sid='s' wait='60' requests='2' hold='1' "
    "xmlns:stream='http://etherx.jabber.org/streams' from='example.org'><stream:features>"
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
    "</mechanisms></stream:features></body>",
    "<body xmlns='http://jabber.org/protocol/httpbind'>"
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></body>",
    "<body xmlns='http://jabber.org/protocol/httpbind' "
    "xmlns:stream='http://etherx.jabber.org/streams'><stream:features>"
    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features></body>",
    "<body xmlns='http://jabber.org/protocol/httpbind'><iq xmlns='jabber:client' type='result' "
    "id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<jid>juliet@example.org/balcony</jid></bind></iq></body>",
};
constexpr std::string_view between_answers = "\n--\n";

/// The first byte of each further answer says how it comes.
enum class manner : unsigned { body, nothing_at_all, no_answer, not_found, overloaded, last };

int status_of(manner how) {
    if (how == manner::not_found) return 404;
    return how == manner::overloaded ? 503 : 200;
}

class hostile_http final : public detail::http_client {
 public:
    hostile_http(const asio::any_io_executor& executor, std::string_view further, unsigned good)
        : further_(further),
          good_(std::min<std::size_t>(good, std::size(good_answers))),
          over_(executor) {}

    task<detail::http_response> post(std::shared_ptr<const std::string> body,
                                     std::chrono::milliseconds limit) override {
        static_cast<void>(limit);
        return answer(std::move(body));
    }
    void abort() noexcept override {
        aborted_ = true;
        over_.set();
    }

 private:
    task<detail::http_response> answer(std::shared_ptr<const std::string> body) {
        detail::http_response response;
        response.status = 200;
        if (answered_ < good_) {
            response.body = filled(good_answers[answered_++], *body);
            co_return response;
        }
        const auto next = further_.substr(0, further_.find(between_answers));
        further_.remove_prefix(std::min(next.size() + between_answers.size(), further_.size()));
        auto how = manner::nothing_at_all;
        if (!next.empty()) {
            const auto letter = static_cast<unsigned char>(next.front());
            how = static_cast<manner>(letter % static_cast<unsigned>(manner::last));
        }
        if (how == manner::no_answer) throw error(errc::connection_lost);
        if (how == manner::nothing_at_all) co_await over_.wait();
        if (aborted_) throw std::system_error(asio::error::operation_aborted);
        response.status = status_of(how);
        response.body = filled(next.substr(1), *body);
        co_return response;
    }

    static std::string filled(std::string_view text, const std::string& request) {
        std::string answer(text);
        const auto hole = answer.find("{id}");
        const auto iq = request.find("<iq");
        const auto id = iq == request.npos ? iq : request.find(" id=", iq);
        if (hole == answer.npos || id == request.npos) return answer;
        const char quote = request.at(id + 4);
        answer.replace(hole, 4, request, id + 5, request.find(quote, id + 5) - id - 5);
        return answer;
    }

    std::string_view further_;
    std::size_t good_;
    std::size_t answered_ = 0;
    detail::event over_;
    bool aborted_ = false;
};

task<std::shared_ptr<detail::transport>> open(fuzz::world& world, std::string_view further,
                                              unsigned good, detail::wire_observer& observer) {
    auto server = std::make_shared<hostile_http>(world.executor, further, good);
    detail::bosh_settings settings;
    settings.retry.jitter = [] { return 0.5; };
    co_return std::make_shared<detail::bosh_transport>(world.executor, std::move(server), false,
                                                       std::move(settings), world.time, observer);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const auto further = fuzz::as_text(data, size).substr(1);
    const unsigned good = data[0] & 7U;
    fuzz::world world;
    auto settings = options()
                        .reconnect(false)
                        .time_source(world.time)
                        .tls(tls_mode::disabled)
                        .allow_plaintext_auth(true);
    fuzz::opened_session(world, "http://example.org/http-bind", std::move(settings),
                         [&](detail::transport_request, detail::wire_observer& observer) {
                             return open(world, further, good, observer);
                         })
        .run(longest_session);
    return 0;
}
