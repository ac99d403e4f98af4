#include <xmpp/ns.hpp>

#include "chat_window.hpp"
#include "terminal/text.hpp"
#include "views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace chat {
namespace {

using terminal::colour;
using terminal::safe_text;

/// Takes the state off the front of `/status away Back soon`; "" stands for online.
std::string take_state(std::string& text) {
    constexpr std::array<std::string_view, 5> states{"online", "chat", "away", "xa", "dnd"};
    const auto end = text.find(' ');
    const auto word = text.substr(0, end);
    if (std::find(states.begin(), states.end(), word) == states.end()) return {};
    text = end == std::string::npos ? std::string() : text.substr(end + 1);
    if (word == "online") return {};
    return word;
}

xmpp::builder own_presence(std::string text) {
    const auto state = take_state(text);
    xmpp::presence presence;
    if (!state.empty()) presence.show(state);
    if (!text.empty()) presence.status(text);
    return presence;
}

xmpp::builder roster_item(const xmpp::jid& address) {
    return xmpp::iq::set().c("query", xmpp::ns::roster).c("item").attr("jid", address.str());
}

}  // namespace

xmpp::task<> chat_window::perform(std::shared_ptr<chat_window> self, command wanted) {
    switch (wanted.what) {
        case action::nothing:
            break;
        case action::mistake:
            throw std::runtime_error(wanted.text);
        case action::say:
            if (!self->to_) throw std::runtime_error("to whom? Choose somebody with /to WHO");
            co_await send_message(self, *self->to_, wanted.text);
            break;
        case action::msg: {
            auto to = self->resolve(wanted.who);
            co_await send_message(self, to, wanted.text);
            break;
        }
        case action::help:
            self->show_help();
            break;
        case action::roster:
            self->console_.print(show_roster(self->contacts_, self->colours_));
            break;
        case action::to:
            self->choose(wanted.who);
            break;
        case action::status:
            co_await self->conn_.send(own_presence(wanted.text));
            break;
        case action::subscribe:
            co_await subscribe(self, wanted.who);
            break;
        case action::accept:
        case action::decline:
            co_await answer_request(self, wanted);
            break;
        case action::remove:
            co_await remove(self, wanted.who);
            break;
        case action::ping: {
            xmpp::jid target(self->conn_.domain());
            if (!wanted.who.empty()) target = self->resolve(wanted.who);
            self->start(ping(self, target));
            break;
        }
        case action::raw: {
            auto stanza = xmpp::stanza::parse(wanted.text);
            co_await self->conn_.send(stanza);
            break;
        }
        case action::xml:
            self->switch_trace(wanted.text);
            break;
        case action::quit:
            self->quit();
            break;
    }
}

xmpp::task<> chat_window::send_message(std::shared_ptr<chat_window> self, xmpp::jid to,
                                       std::string text) {
    co_await self->conn_.send(xmpp::message(to).type("chat").body(text));
    const auto& who = self->contacts_.remember(to);
    self->console_.print(show_own_message(text, who, self->colours_));
}

xmpp::task<> chat_window::subscribe(std::shared_ptr<chat_window> self, std::string who) {
    const auto address = self->resolve(who).bare();
    auto item = roster_item(address);
    co_await self->conn_.send_iq(std::move(item));
    co_await self->conn_.send(xmpp::presence(address).type("subscribe"));
    self->console_.print("asked " + safe_text(address.str()));
}

xmpp::task<> chat_window::answer_request(std::shared_ptr<chat_window> self, command wanted) {
    contacts_found asking;
    for (const auto* who : self->contacts_.listed()) {
        if (who->wants_us) asking.push_back(who);
    }
    xmpp::jid address;
    if (!wanted.who.empty()) {
        address = self->resolve(wanted.who).bare();
    } else if (asking.size() == 1) {
        address = asking.front()->address;
    } else {
        throw std::runtime_error(asking.empty() ? "nobody has asked" : "several have asked: whom?");
    }
    const char* answer = wanted.what == action::accept ? "subscribed" : "unsubscribed";
    co_await self->conn_.send(xmpp::presence(address).type(answer));
    self->contacts_.request_answered(address);
    self->console_.print(safe_text(address.str()) + (wanted.what == action::accept
                                                         ? " sees your presence now"
                                                         : " does not see your presence"));
}

xmpp::task<> chat_window::remove(std::shared_ptr<chat_window> self, std::string who) {
    const auto address = self->resolve(who).bare();
    auto item = roster_item(address).attr("subscription", "remove");
    co_await self->conn_.send_iq(std::move(item));
    self->console_.print("removed " + safe_text(address.str()));
}

xmpp::task<> chat_window::ping(std::shared_ptr<chat_window> self, xmpp::jid target) {
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    try {
        co_await self->conn_.send_iq(xmpp::iq::get(target).c("ping", xmpp::ns::ping));
    } catch (const xmpp::stanza_error& refusal) {
        self->console_.print("no answer from " + safe_text(target.str()) + ": " +
                             show_failure(refusal));
        co_return;
    }
    const std::chrono::duration<double, std::milli> time = clock::now() - begin;
    self->console_.print(
        fmt::format("{} answered after {:.1f} ms", safe_text(target.str()), time.count()));
}

void chat_window::choose(const std::string& who) {
    to_ = resolve(who);
    update_prompt();
}

void chat_window::show_help() {
    std::string all = "What you type goes to the contact chosen with /to. Commands:";
    for (const auto& each : all_commands()) {
        all +=
            fmt::format("\n  {}{}", colours_.paint(colour::bold, fmt::format("{:<26}", each.usage)),
                        each.meaning);
    }
    console_.print(all);
}

void chat_window::switch_trace(const std::string& choice) {
    if (choice != "" && choice != "on" && choice != "off")
        throw std::runtime_error("it goes like this: /xml [on|off]");
    trace(choice.empty() ? !settings_.show_xml : choice == "on");
    console_.print(settings_.show_xml ? "the trace is on" : "the trace is off");
}

xmpp::jid chat_window::resolve(const std::string& who) const {
    // Whoever gives an address means that one, not another that begins alike.
    const auto address = xmpp::jid::parse(who);
    if (address && !address->local().empty()) return *address;

    const auto found = contacts_.search(who);
    if (found.size() == 1) return found.front()->address;
    if (found.size() > 1) {
        std::string names;
        for (const auto* each : found) names += (names.empty() ? "" : ", ") + each->address.str();
        throw std::runtime_error(who + " could be " + names);
    }
    // A word without a dot would be a domain too: more likely it is a name that was mistyped.
    if (!address || who.find('.') == std::string::npos)
        throw std::runtime_error("there is no contact " + who + "; /roster lists them");
    return *address;
}

terminal::completion chat_window::complete_line(std::string_view before_cursor) const {
    if (!before_cursor.starts_with('/')) return {};
    const auto space = before_cursor.find(' ');
    if (space == before_cursor.npos)
        return terminal::complete(before_cursor, command_completions(before_cursor));
    const auto typed = before_cursor.substr(space + 1);
    auto names = contacts_.completions(typed);
    // Where text follows, a name with spaces would have to be in quotes.
    if (before_cursor.starts_with("/msg "))
        std::erase_if(names, [](const auto& name) { return name.find(' ') != name.npos; });
    return terminal::complete(typed, names);
}

}  // namespace chat
