#include "simulation/simulated_server.hpp"

#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"
#include "base/whole_number.hpp"
#include "simulation/faulty_stream.hpp"
#include "simulation/message_shapes.hpp"
#include "testing/xml_link.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace xmpp::test {
namespace {

constexpr const char* address = "juliet@example.org/balcony";

}  // namespace

struct simulated_server::managed {
    std::string id;
    std::uint32_t handled = 0;  // of the client's
    std::uint32_t acknowledged = 0;
    std::deque<std::pair<int, std::string>> unacked;  // a number, or 0, and the stanza
    std::weak_ptr<peer> link;
};

struct simulated_server::peer : std::enable_shared_from_this<peer> {
    peer(const asio::any_io_executor& executor, std::unique_ptr<byte_stream> bytes)
        : link(std::make_shared<detail::xml_link>(executor, std::move(bytes),
                                                  detail::xml_limits::none())),
          work(executor) {}

    void cut() {
        gone = true;
        link->abort();
        work.set();
    }

    std::shared_ptr<detail::xml_link> link;
    detail::event work;
    std::string waiting;
    std::shared_ptr<managed> session;
    bool authenticated = false;
    bool gone = false;
};

simulated_server::simulated_server(asio::any_io_executor executor, std::shared_ptr<clock> time,
                                   std::uint64_t seed)
    : executor_(std::move(executor)), time_(std::move(time)), random_(seed) {}

dialer_function simulated_server::dialer() {
    return
        [weak = weak_from_this()](const std::string&, std::uint16_t) { return dial(weak.lock()); };
}

task<std::unique_ptr<byte_stream>> simulated_server::dial(std::shared_ptr<simulated_server> self) {
    if (!self) throw error(errc::connection_refused);
    const bool unlucky = self->faults_ && self->random_() % 8 == 0;
    if (unlucky || self->time_->now() < self->down_until_) throw error(errc::connection_refused);
    auto ends = testing::memory_stream_pair(self->executor_);
    const auto client = std::make_shared<peer>(self->executor_, std::move(ends.first));
    self->peers_.push_back(client);
    detail::spawn(self->executor_, serve(self, client), [client](const std::exception_ptr&) {
        client->cut();  // whatever it was: the link is gone
    });
    detail::spawn(self->executor_, write(client), [client](const std::exception_ptr&) {});
    if (self->faults_ && self->random_() % 16 == 0) {
        self->ghosts_.push_back(std::move(ends.second));
        throw error(errc::connection_refused);
    }
    if (!self->faults_) co_return std::move(ends.second);
    const auto faults = link_faults::drawn_from(self->random_);
    co_return make_faulty_stream(self->executor_, self->time_, std::move(ends.second), faults);
}

task<> simulated_server::write(std::shared_ptr<peer> client) {
    for (;;) {
        while (client->waiting.empty() && !client->gone) {
            client->work.reset();
            co_await client->work.wait();
        }
        if (client->gone) co_return;
        auto bytes = std::exchange(client->waiting, {});
        co_await client->link->write(std::move(bytes));
    }
}

void simulated_server::say(peer& client, std::string_view xml) {
    client.waiting += xml;
    client.work.set();
}

task<> simulated_server::serve(std::shared_ptr<simulated_server> self,
                               std::shared_ptr<peer> client) {
    for (;;) {
        auto event = co_await client->link->read();
        if (!event || client->gone) co_return;
        if (event->kind() == detail::stream_event_kind::stream_closed) {
            if (client->session) self->sessions_.erase(client->session->id);
            self->say(*client, "</stream:stream>");
            continue;
        }
        if (event->kind() == detail::stream_event_kind::stream_opened) {
            const char* features =
                client->authenticated
                    ? "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>"
                    : "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                      "<mechanism>PLAIN</mechanism></mechanisms>";
            const bool limited = self->faults_ && self->random_() % 4 == 0;
            const auto limits =
                limited ? fmt::format("<limits xmlns='{}'><max-bytes>{}</max-bytes></limits>",
                                      ns::stream_limits, announced_bytes)
                        : std::string();
            self->say(*client,
                      fmt::format("<stream:stream xmlns='{}' xmlns:stream='{}' from='example.org' "
                                  "version='1.0' id='s'><stream:features>{}{}</stream:features>",
                                  ns::client, ns::streams, features, limits));
            continue;
        }
        const stanza element(std::move(*event).content());
        self->take(*client, element);
    }
}

void simulated_server::take(peer& client, const stanza& element) {
    if (element->ns() == ns::sasl) {
        client.authenticated = true;
        client.link->restart();
        say(client, fmt::format("<success xmlns='{}'/>", ns::sasl));
    } else if (element->ns() != ns::sm) {
        take_stanza(client, element);
    } else if (element->name() == "enable") {
        const auto session = std::make_shared<managed>();
        session->id = fmt::format("stream-{}", ++streams_);
        session->link = client.weak_from_this();
        // A new session of the same resource takes the place of those before (RFC 6120 7.7.2.2).
        for (const auto& [id, before] : std::exchange(sessions_, {})) forget(*before);
        sessions_[session->id] = session;
        client.session = session;
        say(client,
            fmt::format("<enabled xmlns='{}' id='{}' resume='true'/>", ns::sm, session->id));
        for (const int number : std::exchange(waiting_, {})) send(number);
    } else if (element->name() == "resume") {
        resume(client, element);
    } else if (!client.session) {
        throw std::logic_error("stream management before it was enabled");
    } else if (element->name() == "r") {
        const bool forgetful = faults_ && random_() % 4 == 0;
        if (!forgetful) {
            say(client, fmt::format("<a xmlns='{}' h='{}'/>", ns::sm, client.session->handled));
        }
    } else if (element->name() == "a") {
        acknowledge(*client.session, *detail::whole_number<std::uint32_t>(element->attr("h")));
    }
}

void simulated_server::take_stanza(peer& client, const stanza& element) {
    if (client.session) ++client.session->handled;
    if (const auto* body = element->child("body")) {
        received_.push_back(detail::whole_number<int>(body->text()).value());
    }
    if (element.kind() != stanza_kind::iq) return;
    const bool binds = element->child("bind", ns::bind) != nullptr;
    auto reply = fmt::format(
        "<iq type='result' id='{}'{}>{}</iq>", element.id(), binds ? "" : " from='example.org'",
        binds ? fmt::format("<bind xmlns='{}'><jid>{}</jid></bind>", ns::bind, address) : "");
    if (client.session) {
        deliver(*client.session, std::move(reply), 0);
    } else {
        say(client, reply);
    }
}

void simulated_server::resume(peer& client, const stanza& request) {
    const auto place = sessions_.find(std::string(request->attr("previd")));
    if (place == sessions_.end()) {
        say(client, fmt::format("<failed xmlns='{}'/>", ns::sm));
        return;
    }
    const auto session = place->second;
    if (const auto before = session->link.lock()) {
        before->session.reset();
        before->cut();
    }
    client.session = session;
    session->link = client.weak_from_this();
    acknowledge(*session, *detail::whole_number<std::uint32_t>(request->attr("h")));
    say(client, fmt::format("<resumed xmlns='{}' previd='{}' h='{}'/>", ns::sm, session->id,
                            session->handled));
    for (const auto& [number, xml] : session->unacked) say(client, xml);
    say(client, fmt::format("<r xmlns='{}'/>", ns::sm));
}

void simulated_server::deliver(managed& session, std::string xml, int number) {
    const auto link = session.link.lock();
    const bool ask = random_() % 3 == 0;
    if (link && !link->gone) {
        say(*link, xml);
        if (ask) say(*link, fmt::format("<r xmlns='{}'/>", ns::sm));
    }
    session.unacked.emplace_back(number, std::move(xml));
}

void simulated_server::acknowledge(managed& session, std::uint32_t count) {
    const std::uint32_t more = count - session.acknowledged;
    if (more > session.unacked.size()) {
        throw std::logic_error("the client acknowledges more than it got");
    }
    session.unacked.erase(session.unacked.begin(), session.unacked.begin() + more);
    session.acknowledged = count;
}

void simulated_server::send(int number) {
    if (sessions_.empty()) {
        waiting_.push_back(number);
        return;
    }
    deliver(*sessions_.begin()->second,
            fmt::format("<message from='romeo@example.org'><body>{}</body></message>", number),
            number);
}

void simulated_server::ask() {
    for (const auto& [id, session] : sessions_) {
        if (const auto link = session->link.lock()) {
            say(*link, fmt::format("<r xmlns='{}'/>", ns::sm));
        }
    }
}

void simulated_server::cut() {
    for (const auto& each : std::exchange(peers_, {})) each->cut();
    ghosts_.clear();
}

void simulated_server::restart(bool forgets, clock::duration down) {
    cut();
    down_until_ = time_->now() + down;
    if (!forgets) return;
    for (const auto& [id, session] : std::exchange(sessions_, {})) forget(*session);
}

void simulated_server::forget(managed& session) {
    forgot_ = true;
    for (const auto& [number, xml] : session.unacked) {
        if (number != 0) given_up_.insert(number);
    }
    if (const auto link = session.link.lock()) link->session.reset();
}

bool simulated_server::settled() const noexcept {
    for (const auto& [id, session] : sessions_) {
        if (!session->unacked.empty()) return false;
    }
    return waiting_.empty();
}

}  // namespace xmpp::test
