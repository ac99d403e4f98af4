#pragma once

#include <xmpp/session_role.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

/// \file
/// What the programs that share a session and their broker say to each other over a Unix socket,
/// without I/O. Each message is a length of four bytes (the highest first), which counts what
/// follows; a byte for its kind; and its fields: numbers of four bytes, texts and lists with their
/// length before them. docs/shared-sessions.md has the order of the messages.
///
/// The `hello` is the same in all versions; everything else may change with the version.

namespace xmpp::detail::shared {

inline constexpr std::uint32_t protocol_version = 2;

/// What a buffer of a link may hold on to while it is empty.
inline constexpr std::size_t kept_link_capacity = 64 * 1024;

using text_list = std::vector<std::string>;
using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// First of all, from either side.
struct hello {
    static constexpr char kind = 'H';
    std::string magic = "xmpp-shared-session";
    std::uint32_t version = protocol_version;
    static auto fields(auto& m) { return std::tie(m.magic, m.version); }
};

/// Who logs in. Holds secrets: what this is encoded into must be wiped.
struct login {
    std::uint32_t kind = 0;  // credentials_kind
    std::string user;
    std::string secret;
    std::string authcid;
    std::string authzid;
    std::string resource;
    std::string keys;  // scram_keys::serialize(), or nothing
    text_list mechanisms;
};

/// \name From a program to the broker
/// @{

/// Join the account's session, or begin one.
struct connect {
    static constexpr char kind = 'C';
    std::string service;  // empty: the broker's choice
    login who;
    text_pairs settings;           // options by name
    std::uint32_t most_bytes = 0;  // of a message that the program reads; 0: the broker's choice
    static auto fields(auto& m) {
        auto& who = m.who;
        return std::tie(m.most_bytes, m.service, who.kind, who.user, who.secret, who.authcid,
                        who.authzid, who.resource, who.keys, who.mechanisms, m.settings);
    }
};

/// Join the session that there is.
struct attach {
    static constexpr char kind = 'A';
    std::uint32_t most_bytes = 0;
    static auto fields(auto& m) { return std::tie(m.most_bytes); }
};

/// We answer IQ requests with this payload.
struct responder {
    static constexpr char kind = 'Q';
    std::string name;
    std::string ns;
    static auto fields(auto& m) { return std::tie(m.name, m.ns); }
};

/// A stanza to be sent.
struct outgoing {
    static constexpr char kind = 'S';
    std::string xml;
    static auto fields(auto& m) { return std::tie(m.xml); }
};

struct pong {
    static constexpr char kind = 'O';
    static auto fields(auto&) { return std::tie(); }
};

/// Another program shall be primary.
struct relinquish {
    static constexpr char kind = 'L';
    static auto fields(auto&) { return std::tie(); }
};

/// End the session, for everybody. (Who only leaves closes the socket.)
struct close {
    static constexpr char kind = 'X';
    std::string reason;
    static auto fields(auto& m) { return std::tie(m.reason); }
};

/// @}
/// \name From the broker to a program
/// @{

/// The login that this program has begun has come to its SASL exchange.
struct authenticating {
    static constexpr char kind = 'U';
    static auto fields(auto&) { return std::tie(); }
};

/// The program takes part in a session.
struct welcome {
    static constexpr char kind = 'W';
    std::string user;  // full address
    std::string features;
    std::uint32_t role = 0;
    std::uint32_t fresh = 0;   // logged in for this program
    std::uint32_t secure = 0;  // the stream is encrypted
    static auto fields(auto& m) { return std::tie(m.user, m.features, m.role, m.fresh, m.secure); }
};

/// Why there is no session, or no more: what a status says.
struct ended {
    static constexpr char kind = 'E';
    std::uint32_t of_login = 0;  // the server, or SASL, has refused the login
    std::string category;        // of a std::error_code; empty: it ended as was wished
    std::uint32_t value = 0;
    std::string condition;
    std::string text;
    std::string element;  // that said so, as XML
    static auto fields(auto& m) {
        return std::tie(m.of_login, m.category, m.value, m.condition, m.text, m.element);
    }
};

/// The link to the server is lost, and so is another attempt to replace it, if it is said again.
/// The session goes on over the next link, where `back` follows, or ends. What is sent meanwhile
/// waits.
struct lost {
    static constexpr char kind = 'T';
    ended why;
    std::uint32_t attempt = 0;  // that is to come
    static auto fields(auto& m) {
        return std::tuple_cat(decltype(m.why)::fields(m.why), std::tie(m.attempt));
    }
};

/// The session goes on. Where it could not be resumed, it is a new one: nobody answers what was
/// asked before.
struct back {
    static constexpr char kind = 'N';
    std::string user;  // full address
    std::string features;
    std::uint32_t resumed = 0;
    std::uint32_t first = 0;   // what belongs to a new session is this program's to do
    std::uint32_t secure = 0;  // the stream is encrypted
    static auto fields(auto& m) {
        return std::tie(m.user, m.features, m.resumed, m.first, m.secure);
    }
};

struct role {
    static constexpr char kind = 'R';
    std::uint32_t value = 0;
    static auto fields(auto& m) { return std::tie(m.value); }
};

/// A stanza from the server.
struct incoming {
    static constexpr char kind = 'I';
    std::string xml;
    std::string language;  // of the stream it came over
    static auto fields(auto& m) { return std::tie(m.xml, m.language); }
};

/// A stanza that another program has sent.
struct foreign {
    static constexpr char kind = 'F';
    std::string xml;
    static auto fields(auto& m) { return std::tie(m.xml); }
};

struct ping {
    static constexpr char kind = 'P';
    static auto fields(auto&) { return std::tie(); }
};

/// @}

using message =
    std::variant<hello, connect, attach, responder, outgoing, pong, relinquish, close,
                 authenticating, welcome, ended, lost, back, role, incoming, foreign, ping>;

constexpr std::uint32_t number_of(std::size_t size) {
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(size < most ? size : most);
}
constexpr std::uint32_t number_of(session_role value) {
    return static_cast<std::uint32_t>(value);
}
constexpr session_role role_of(std::uint32_t number) {
    return number == 0 ? session_role::primary : session_role::secondary;
}

/// As it goes over the socket, in one block of memory that was not moved: wipe() it after use where
/// the message holds a secret.
std::string encode(const message& what);

/// Of the bytes after the length. \throws error(errc::bad_format)
message decode(std::string_view frame);

/// Cuts what comes over the socket into messages. What it has held is wiped.
class frame_reader {
 public:
    /// \param most bytes of one message
    explicit frame_reader(std::size_t most) : most_(most) {}
    frame_reader(const frame_reader&) = delete;
    frame_reader& operator=(const frame_reader&) = delete;
    ~frame_reader();

    void feed(std::string_view bytes);
    /// The next message; nothing when more bytes are needed.
    /// \throws error(errc::bad_format) for what can't be one, before it is complete where its
    ///         length says so; the reader is of no use then
    std::optional<message> next();
    /// In the middle of a message.
    bool within() const noexcept { return begin_ < bytes_.size(); }

 private:
    void drop_consumed();

    std::size_t most_;
    std::string bytes_;
    std::size_t begin_ = 0;  // of what was not consumed
};

}  // namespace xmpp::detail::shared
