#include "chatter.hpp"

#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace xmpp::test {
namespace {

constexpr auto password = "s3cret";
/// How many may be on their way. Few enough for one read of Prosody's (4096 bytes): when 13.0.1
/// resumes a stream, it goes on with the parser of the link before, which has half a stanza where
/// that link was cut between two reads. And few enough for the queues that servers keep for a link
/// that is to come back.
constexpr int at_once = 25;
constexpr std::size_t statuses_shown = 1000;

jid account(real_server& server, const std::string& name) {
    server.add_user(name, password);
    return jid(fmt::format("{}@{}/desk", name, server.domain()));
}

options through_proxy(const options& settings, const real_server& server) {
    auto complete = settings;
    complete.connect_address(server.address()).ca_file(server.ca_file());
    return complete;
}

}  // namespace

chatter::chatter(asio::io_context& context, real_server& server, const std::string& name,
                 const options& settings, detail::event& happened)
    : context_(context),
      happened_(happened),
      name_(name),
      address_(account(server, name)),
      proxy_(context, server.c2s_port()),
      conn_(context.get_executor(), fmt::format("xmpp://{}:{}", server.domain(), proxy_.port()),
            through_proxy(settings, server)) {}

task<> chatter::arrive() {
    listening_.emplace(context_, done(listen(*this)));
    following_.emplace(context_, done(follow(*this)));
    while (present_ == 0 && !gone_) co_await happened_.wait();
    if (present_ == 0) throw std::runtime_error(problem());
}

task<> chatter::leave() {
    co_await conn_.disconnect();
    co_await following_->wait();
    co_await listening_->wait();
}

task<> chatter::say(jid to) {
    co_await conn_.send(next_message(to));
}

task<> chatter::say_and_wait(jid to) {
    co_await conn_.send_acked(next_message(to));
}

builder chatter::next_message(const jid& to) {
    auto numbered = message(to).type("chat").body(fmt::format("{} {}", name_, said_++));
    // Not for the servers' archives (XEP-0334): their disks are not what is tested.
    numbered.c("no-store", "urn:xmpp:hints");
    return numbered;
}

task<> chatter::follow(chatter& self) {
    try {
        auto statuses = self.conn_.connect(credentials(self.address_, password));
        while (auto step = co_await statuses.next()) {
            self.note(*step);
            if (step->code == status_code::connected && !self.conn_.resumed()) {
                co_await self.conn_.send_acked(presence());
                ++self.present_;
            }
            self.happened_.pulse();
        }
    } catch (const std::exception& failed) {
        self.problem_ += failed.what();
    }
    self.gone_ = true;
    self.happened_.pulse();
}

void chatter::note(const status& step) {
    statuses_ += fmt::format(
        "{}{}; ", step, step.code == status_code::connected && conn_.resumed() ? " (resumed)" : "");
    if (statuses_.size() > statuses_shown) statuses_.erase(0, statuses_.size() - statuses_shown);
    if (step.code == status_code::reconnecting) ++reconnecting_;
    if (step.code != status_code::connected) return;
    ++connected_;
    if (conn_.resumed()) ++resumed_;
}

task<> chatter::listen(chatter& self) {
    try {
        auto messages = self.conn_.stanzas(match().name("message"));
        while (auto received = co_await messages.next()) {
            self.take(*received);
            self.happened_.pulse();
        }
    } catch (const std::exception& failed) {
        self.problem_ += failed.what();
        self.happened_.pulse();
    }
}

void chatter::take(const stanza& received) {
    const element* body = received->child("body");
    const auto text = body ? body->text() : std::string_view();
    const auto number_at = text.find(' ') + 1;
    int number = -1;
    std::from_chars(text.data() + number_at, text.data() + text.size(), number);
    const bool expected = received.type() == "chat" && number >= 0 &&
                          text.substr(0, number_at) == fmt::format("{} ", received.from().local());
    if (expected && number >= next_) {
        for (; next_ < number; ++next_) missing_.insert(next_);
        ++next_;
    } else if (expected && missing_.erase(number) == 1) {
        ++late_;
    } else {
        if (problem_.empty()) problem_ = "unexpected, or once too often: " + received->to_xml();
        return;
    }
    if (told_) told_();
}

std::string chatter::problem() const {
    if (problem_.empty() && !gone_) return {};
    return fmt::format("{} ({}): {}\n", name_, statuses_, problem_);
}

conversation::conversation(asio::io_context& context, real_server& server, const std::string& one,
                           const std::string& two, const options& settings)
    : context_(context),
      happened_(context.get_executor()),
      first(context, server, one, settings, happened_),
      second(context, server, two, settings, happened_) {}

task<> conversation::begin() {
    co_await first.arrive();
    co_await second.arrive();
}

task<> conversation::end() {
    co_await first.leave();
    co_await second.leave();
}

task<> conversation::until(std::function<bool()> condition) {
    while (!condition()) {
        co_await happened_.wait();
        if (const auto wrong = problem(); !wrong.empty()) throw std::runtime_error(wrong);
    }
}

task<> conversation::talk(conversation& self, chatter& from, chatter& to, int messages,
                          std::function<bool()> more) {
    const std::function<bool()> room = [&] { return from.said() - to.heard() < at_once; };
    for (int i = 0; i < messages || (more && more()); ++i) {
        co_await self.until(room);
        co_await from.say(to.address());
    }
}

task<> conversation::go_on(int messages, std::function<bool()> more) {
    background<bool> one(context_, done(talk(*this, first, second, messages, more)));
    background<bool> two(context_, done(talk(*this, second, first, messages, more)));
    co_await one.wait();
    co_await two.wait();
    if (const auto wrong = one.what() + two.what(); !wrong.empty()) {
        throw std::runtime_error(wrong);
    }
    const std::function<bool()> all_heard = [this] {
        return first.heard() == second.said() && second.heard() == first.said();
    };
    co_await until(all_heard);
}

}  // namespace xmpp::test
