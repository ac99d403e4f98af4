#pragma once

#include <xmpp/byte_stream.hpp>
#include <xmpp/error.hpp>
#include <xmpp/task.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "base/spawn.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::fuzz {

/// What a well-behaved server says once it has read so far.
struct login_step {
    const char* begins;  // read up to this,
    const char* ends;    // and then up to this; empty: nothing more
    const char* says;    // with {id}: that of what was read
};

inline constexpr const char* client_header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "id='1' from='example.org' version='1.0'>";

/// A login with PLAIN.
inline constexpr std::array client_login{
    login_step{"<stream:stream", ">", client_header},
    login_step{"", "",
               "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
               "<mechanism>PLAIN</mechanism></mechanisms></stream:features>"},
    login_step{"<auth", "</auth>", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"},
    login_step{"<stream:stream", ">", client_header},
    login_step{"", "",
               "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
               "</stream:features>"},
    login_step{"<iq", "</iq>",
               "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
               "<jid>juliet@example.org/balcony</jid></bind></iq>"},
};

/// A login with PLAIN over a server that manages streams (XEP-0198).
inline constexpr std::array managed_login{
    client_login[0],
    client_login[1],
    client_login[2],
    client_login[3],
    login_step{"", "",
               "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
               "<sm xmlns='urn:xmpp:sm:3'/></stream:features>"},
    client_login[5],
    login_step{"<enable", "/>", "<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true' max='600'/>"},
};

/// The same that resumes the stream of before.
inline constexpr std::array resuming_login{
    managed_login[0],
    managed_login[1],
    managed_login[2],
    managed_login[3],
    managed_login[4],
    login_step{"<resume", "/>", "<resumed xmlns='urn:xmpp:sm:3' previd='s1' h='0'/>"},
};

/// That of a component (XEP-0114).
inline constexpr std::array component_login{
    login_step{"<stream:stream", ">",
               "<stream:stream xmlns='jabber:component:accept' "
               "xmlns:stream='http://etherx.jabber.org/streams' id='3' from='echo.example.org'>"},
    login_step{"<handshake", "</handshake>", "<handshake/>"},
};

/// What the server does at last.
enum class ending : std::uint8_t { close, cut, silence, tag_and_silence };

/// A link, as the first two bytes of an input choose it.
struct session_plan {
    bool component;                     // the program, which is a user otherwise
    bool explicit_binding;              // options::explicit_resource_binding
    bool leaves;                        // by disconnect(), once it is connected
    bool resets;                        // by reset(), then
    std::span<const login_step> login;  // what the server does before it sends the bytes
    std::string_view bytes;
    ending how;
    std::size_t most_bytes_at_once;

    session_plan(unsigned first, unsigned second, std::string_view rest)
        : component((second & 16U) != 0),
          explicit_binding((first & 32U) != 0),
          leaves((second & 4U) != 0),
          resets((second & 8U) != 0),
          bytes(rest),
          how(static_cast<ending>(second & 3U)) {
        constexpr std::array<std::size_t, 4> sizes{SIZE_MAX, 1, 7, 64};
        most_bytes_at_once = sizes.at((first >> 3U) & 3U);
        login = client_login;
        if (component) login = component_login;
        login = login.first(std::min<std::size_t>(first & 7U, login.size()));
    }
};

/// The server's end of a link.
class hostile_server {
 public:
    explicit hostile_server(std::unique_ptr<byte_stream> link) : link_(std::move(link)) {}

    /// Ends with the link, which it reads to its end. \throws what the link throws
    task<> play(const session_plan& plan) {
        co_await log_in(plan);
        co_await link_->write(plan.bytes);
        if (plan.how == ending::close) co_await link_->close();
        if (plan.how == ending::cut) link_->abort();
        if (plan.how == ending::tag_and_silence) co_await link_->write("</stream:stream>");
        co_await read_to_the_end();
    }

    task<> log_in(const session_plan& plan) {
        for (const auto& step : plan.login) co_await play(step);
    }

    task<> read_to_the_end() {
        bool more = true;
        while (more) more = co_await read();
    }

 private:
    task<> play(const login_step& step) {
        co_await read_behind(step.begins);
        const auto element = co_await read_behind(step.ends);
        std::string says = step.says;
        const auto hole = says.find("{id}");
        const auto id = element.find("id=");
        if (hole != says.npos && id != element.npos) {
            const char quote = element.at(id + 3);
            const auto value = id + 4;
            says.replace(hole, 4, element, value, element.find(quote, value) - value);
        }
        co_await link_->write(says);
    }

    /// \returns what was read up to and with `text`
    task<std::string> read_behind(std::string_view text) {
        auto at = unread_.find(text);
        while (at == unread_.npos) {
            const bool more = co_await read();
            if (!more) throw error(errc::connection_lost);
            at = unread_.find(text);
        }
        auto whole = unread_.substr(0, at + text.size());
        unread_.erase(0, whole.size());
        co_return whole;
    }

    task<bool> read() {
        const auto bytes = co_await link_->read();
        unread_ += bytes;
        co_return !bytes.empty();
    }

    std::unique_ptr<byte_stream> link_;
    std::string unread_;
};

inline task<> serve(std::unique_ptr<byte_stream> link, session_plan plan) {
    hostile_server server(std::move(link));
    co_await server.play(plan);
}

/// A link to a server with that plan, whose bytes must live as long.
inline task<std::unique_ptr<byte_stream>> dial(asio::any_io_executor executor, session_plan plan) {
    auto [ours, theirs] = testing::memory_stream_pair(
        executor, testing::memory_stream_options().max_read(plan.most_bytes_at_once));
    detail::spawn(executor, serve(std::move(theirs), plan), [](const std::exception_ptr&) {});
    co_return std::move(ours);
}

}  // namespace xmpp::fuzz
