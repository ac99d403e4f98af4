#include <xmpp/bosh_session.hpp>

#include "address/received_jid.hpp"
#include "base/percent.hpp"
#include "base/whole_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace xmpp {
namespace {

constexpr std::string_view version = "bosh-session=1";

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").find(c) != std::string_view::npos;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append("&").append(name).append("=");
    for (const char c : value) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
        }
    }
}

/// What append_field() has written, and nothing else.
std::optional<std::string> decode(std::string_view text) {
    const bool written =
        std::all_of(text.begin(), text.end(), [](char c) { return is_unreserved(c) || c == '%'; });
    return written ? detail::percent_decoded(text) : std::nullopt;
}

template <class Number>
bool read_number(std::string_view text, Number most, Number& value) {
    const auto read = detail::whole_number<std::uint64_t>(text);
    if (!read || *read > static_cast<std::uint64_t>(most)) return false;
    value = static_cast<Number>(*read);
    return true;
}

bool read_seconds(std::string_view text, std::chrono::seconds& value) {
    constexpr int most = std::numeric_limits<int>::max();
    int count = 0;
    if (!read_number(text, most, count)) return false;
    value = std::chrono::seconds(count);
    return true;
}

bool read_field(bosh_session& session, std::string_view name, const std::string& value) {
    constexpr int many = 255;
    if (name == "user") {
        const auto user = detail::received_jid(value);
        if (user) session.user = *user;
        return user.has_value();
    }
    if (name == "service") return session.service = value, true;
    if (name == "sid") return session.sid = value, true;
    if (name == "rid") return read_number(value, bosh_session::max_rid, session.rid);
    if (name == "wait") return read_seconds(value, session.wait);
    if (name == "hold") return read_number(value, many, session.hold);
    if (name == "requests") return read_number(value, many, session.requests);
    if (name == "inactivity") return read_seconds(value, session.inactivity);
    if (name == "polling") return read_seconds(value, session.polling);
    if (name == "maxpause") return read_seconds(value, session.max_pause);
    return false;
}

}  // namespace

std::string bosh_session::str() const {
    std::string out(version);
    append_field(out, "user", user.str());
    append_field(out, "service", service);
    append_field(out, "sid", sid);
    append_field(out, "rid", fmt::to_string(rid));
    append_field(out, "wait", fmt::to_string(wait.count()));
    append_field(out, "hold", fmt::to_string(hold));
    append_field(out, "requests", fmt::to_string(requests));
    append_field(out, "inactivity", fmt::to_string(inactivity.count()));
    append_field(out, "polling", fmt::to_string(polling.count()));
    append_field(out, "maxpause", fmt::to_string(max_pause.count()));
    return out;
}

std::optional<bosh_session> bosh_session::parse(std::string_view text) {
    if (!text.starts_with(version)) return std::nullopt;
    text.remove_prefix(version.size());
    bosh_session session;
    while (!text.empty()) {
        if (text.front() != '&') return std::nullopt;
        text.remove_prefix(1);
        const auto end = std::min(text.find('&'), text.size());
        const auto field = text.substr(0, end);
        text.remove_prefix(end);
        const auto equals = field.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const auto value = decode(field.substr(equals + 1));
        if (!value || !read_field(session, field.substr(0, equals), *value)) return std::nullopt;
    }
    if (session.user.empty() || session.sid.empty() || session.rid == 0) return std::nullopt;
    return session;
}

}  // namespace xmpp
