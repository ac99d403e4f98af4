#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/error.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "base/whole_number.hpp"
#include "target.hpp"
#include "testing/xml_link.hpp"
#include "xml/parser/limits.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::fuzz {

/// How the server of a kept stream answers, as the first bytes of an input choose it.
struct journal_plan {
    bool resumes;                // the stream goes on
    bool counts;                 // a refusal says how much has arrived
    bool limited;                // it announces the largest stanza that it takes
    std::uint32_t handled;       // of the stream before, where it says so
    bool ours_is_never_damaged;  // what is not well-formed is a mistake of the client
};

inline constexpr std::size_t largest_taken = 300;

/// What the server has got, over all links.
struct journal_received {
    std::set<std::string> ids;
};

/// The server's end of a link: takes what XMPP allows, whatever its size, and ends the stream over
/// anything else, as servers do.
class journal_server {
 public:
    journal_server(const asio::any_io_executor& executor, std::unique_ptr<byte_stream> bytes,
                   const journal_plan& plan, journal_received& received)
        : link_(executor, std::move(bytes), detail::xml_limits::none()),
          plan_(plan),
          received_(received) {}

    /// Ends with the link. \throws what the link throws
    task<> serve() {
        std::string last_words;
        try {
            bool more = true;
            while (more) more = co_await step();
        } catch (const error& failure) {
            if (failure.code().category() != make_error_code(stream_condition::reset).category()) {
                co_return;  // of the link
            }
            judge(failure);
            last_words = fmt::format("<stream:error><{} xmlns='{}'/></stream:error>",
                                     failure.condition(), ns::stream_errors);
        }
        co_await link_.write(last_words + "</stream:stream>");
        co_await link_.drain();
    }

 private:
    void judge(const error& failure) const {
        const bool restricted = failure.code() == stream_condition::restricted_xml;
        if (plan_.ours_is_never_damaged && !restricted) fail("what was sent is not well-formed");
    }

    task<bool> step() {
        auto event = co_await link_.read();
        if (!event || event->kind() == detail::stream_event_kind::stream_closed) co_return false;
        if (event->kind() == detail::stream_event_kind::stream_opened) {
            co_await link_.write(header());
            co_return true;
        }
        const stanza element(std::move(*event).content());
        auto answer = take(element);
        co_await link_.write(std::move(answer));
        co_return true;
    }

    std::string header() const {
        std::string features =
            "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
            "</mechanisms>";
        if (authenticated_) {
            features = fmt::format("<bind xmlns='{}'/><sm xmlns='{}'/>", ns::bind, ns::sm);
        }
        if (plan_.limited) {
            features += fmt::format("<limits xmlns='{}'><max-bytes>{}</max-bytes></limits>",
                                    ns::stream_limits, largest_taken);
        }
        return fmt::format(
            "<stream:stream xmlns='{}' xmlns:stream='{}' from='example.org' version='1.0' id='s'>"
            "<stream:features>{}</stream:features>",
            ns::client, ns::streams, features);
    }

    std::string take(const stanza& element) {
        if (element->ns() == ns::sasl) {
            authenticated_ = true;
            link_.restart();
            return fmt::format("<success xmlns='{}'/>", ns::sasl);
        }
        if (element->ns() == ns::sm) return manage(element);
        if (element.kind() == stanza_kind::other) return {};
        ++handled_;
        received_.ids.emplace(element.id());
        if (!element->child("bind", ns::bind)) return {};
        handled_ = 0;
        return fmt::format(
            "<iq type='result' id='{}'><bind xmlns='{}'><jid>juliet@example.org/balcony</jid>"
            "</bind></iq>",
            element.id(), ns::bind);
    }

    std::string manage(const stanza& element) {
        if (element->name() == "r") return fmt::format("<a xmlns='{}' h='{}'/>", ns::sm, handled_);
        if (element->name() == "enable") {
            handled_ = 0;
            return fmt::format("<enabled xmlns='{}' id='one' resume='true'/>", ns::sm);
        }
        if (element->name() != "resume") return {};
        if (plan_.resumes) {
            handled_ = plan_.handled;
            return fmt::format("<resumed xmlns='{}' previd='{}' h='{}'/>", ns::sm,
                               element->attr("previd"), handled_);
        }
        return plan_.counts ? fmt::format("<failed xmlns='{}' h='{}'/>", ns::sm, plan_.handled)
                            : fmt::format("<failed xmlns='{}'/>", ns::sm);
    }

    detail::xml_link link_;
    const journal_plan& plan_;
    journal_received& received_;
    std::uint32_t handled_ = 0;
    bool authenticated_ = false;
};

}  // namespace xmpp::fuzz
