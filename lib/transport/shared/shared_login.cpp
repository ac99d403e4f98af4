#include "transport/shared/shared_login.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/secret.hpp"
#include "base/whole_number.hpp"
#include "sasl/credentials_data.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>

namespace xmpp::detail::shared {
namespace {

constexpr char separator = '\n';  // stands in no item of a list below

credentials basic(const login& from) {
    switch (static_cast<credentials_kind>(from.kind)) {
        case credentials_kind::password:
            return credentials(jid(from.user), from.secret);
        case credentials_kind::oauth:
            return credentials::oauth(jid(from.user), from.secret);
        case credentials_kind::external:
            return credentials::external(jid(from.user));
        case credentials_kind::component:
            return credentials::component(from.user, from.secret);
    }
    throw error(errc::bad_format, "no kind of credentials");
}

std::int64_t number(const std::string& text) {
    const auto value = whole_number<std::int64_t>(text);
    if (!value) throw error(errc::bad_format, fmt::format("an option is '{}', no number", text));
    return *value;
}

std::string write(bool value) {
    return value ? "1" : "0";
}
std::string write(int value) {
    return fmt::to_string(value);
}
template <class Rep, class Period>
std::string write(std::chrono::duration<Rep, Period> value) {
    return fmt::to_string(value.count());
}
std::string write(tls_mode value) {
    return fmt::to_string(static_cast<int>(value));
}
std::string write(std::string value) {
    return value;
}
std::string write(const std::filesystem::path& value) {
    return value.string();
}
std::string write(const std::vector<std::string>& value) {
    std::string text;
    for (const auto& item : value) text.append(item) += separator;
    return text;
}
std::string write(const options::name_value_pairs& value) {
    std::string text;
    for (const auto& [name, what] : value) {
        text.append(name) += separator;
        text.append(what) += separator;
    }
    return text;
}

void read(const std::string& text, bool& value) {
    value = number(text) != 0;
}
void read(const std::string& text, int& value) {
    value = static_cast<int>(number(text));
}
template <class Rep, class Period>
void read(const std::string& text, std::chrono::duration<Rep, Period>& value) {
    value = std::chrono::duration<Rep, Period>(number(text));
}
void read(const std::string& text, tls_mode& value) {
    const auto mode = number(text);
    if (mode < 0 || mode > static_cast<int>(tls_mode::disabled)) {
        throw error(errc::bad_format, "no mode of TLS");
    }
    value = static_cast<tls_mode>(mode);
}
void read(const std::string& text, std::string& value) {
    value = text;
}
void read(const std::string& text, std::filesystem::path& value) {
    value = text;
}
void read(std::string_view text, std::vector<std::string>& value) {
    while (!text.empty()) {
        const auto end = text.find(separator);
        value.emplace_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
}
void read(const std::string& text, options::name_value_pairs& value) {
    std::vector<std::string> parts;
    read(text, parts);
    if (parts.size() % 2 != 0) throw error(errc::bad_format, "a name without value");
    for (std::size_t i = 0; i < parts.size(); i += 2) value.emplace_back(parts[i], parts[i + 1]);
}

/// An option that travels: how it is written if it must be, and read.
struct row {
    std::string_view name;
    bool always;
    std::string (*text)(const options&);
    void (*set)(options&, const std::string&);
};

template <auto Get, auto Set, class Value>
constexpr row make_row(std::string_view name, bool always = false) {
    return {name, always, [](const options& from) { return std::string(write((from.*Get)())); },
            [](options& to, const std::string& text) {
                Value value{};
                read(text, value);
                (to.*Set)(std::move(value));
            }};
}

// Each has a getter and a setter of the same name.
#define XMPP_ROW(name, Value, Getter)                                  \
    make_row<static_cast<Getter (options::*)() const>(&options::name), \
             static_cast<options& (options::*)(Value)>(&options::name), Value>(#name)
#define XMPP_GUARD(name, Value)                                       \
    make_row<static_cast<Value (options::*)() const>(&options::name), \
             static_cast<options& (options::*)(Value)>(&options::name), Value>(#name, true)

const auto& rows() {
    using ms = options::milliseconds;
    using std::chrono::seconds;
    using text = std::string;
    using texts = std::vector<std::string>;
    using pairs = options::name_value_pairs;
    using path = std::filesystem::path;
    static constexpr std::array table{
        XMPP_GUARD(tls, tls_mode),
        XMPP_GUARD(allow_plaintext_auth, bool),
        XMPP_GUARD(allow_legacy_auth, bool),
        XMPP_GUARD(pin_login, bool),
        XMPP_ROW(connect_timeout, ms, ms),
        XMPP_ROW(ca_file, path, const path&),
        XMPP_ROW(ca_pem, text, const text&),
        XMPP_ROW(verify_name, text, const text&),
        XMPP_ROW(connect_address, text, const text&),
        XMPP_ROW(name_servers, texts, const texts&),
        XMPP_ROW(connection_attempt_delay, ms, ms),
        XMPP_ROW(max_redirects, int, int),
        XMPP_ROW(max_retries, int, int),
        XMPP_ROW(bosh_retries, int, int),
        XMPP_ROW(headers, pairs, const pairs&),
        XMPP_ROW(cookies, pairs, const pairs&),
        XMPP_ROW(proxy, text, const text&),
        XMPP_ROW(content_type, text, const text&),
        XMPP_ROW(bosh_wait, seconds, seconds),
        XMPP_ROW(bosh_hold, int, int),
        XMPP_ROW(bosh_window, int, int),
        XMPP_ROW(bosh_acks, bool, bool),
        XMPP_ROW(bosh_keys, bool, bool),
        XMPP_ROW(route, text, const text&),
        XMPP_ROW(mechanisms, texts, const texts&),
        XMPP_ROW(language, text, const text&),
    };
    return table;
}
#undef XMPP_ROW
#undef XMPP_GUARD

constexpr std::string_view certificate_option = "client_certificate";

void refuse_functions(const options& settings) {
    const char* name = nullptr;
    if (settings.dialer()) name = "dialer";
    if (settings.configure_tls()) name = "configure_tls";
    if (settings.credentials_provider()) name = "credentials_provider";
    if (!settings.registered_mechanisms().empty()) name = "register_mechanism";
    if (settings.explicit_resource_binding()) name = "explicit_resource_binding";
    if (name == nullptr) return;
    throw error(errc::not_supported,
                fmt::format("options::{} can't be used through a shared session: the broker logs "
                            "in, in a process of its own",
                            name));
}

}  // namespace

login from_credentials(const credentials& who) {
    const auto& data = credentials_data::of(who);
    login out;
    out.kind = static_cast<std::uint32_t>(data.kind);
    out.user = data.user.str();
    out.secret = data.secret.view();
    out.authcid = data.authcid;
    out.authzid = data.authzid.str();
    out.resource = data.resource;
    if (data.keys) out.keys = data.keys->serialize();
    out.mechanisms = data.mechanisms;
    return out;
}

credentials to_credentials(const login& from) {
    auto who = basic(from);
    if (!from.authcid.empty()) who.authcid(from.authcid);
    if (!from.authzid.empty()) who.authzid(jid(from.authzid));
    if (!from.resource.empty()) who.resource(from.resource);
    if (!from.keys.empty()) who.scram_keys(scram_keys::parse(from.keys));
    if (!from.mechanisms.empty()) who.mechanisms(from.mechanisms);
    return who;
}

text_pairs from_options(const options& settings) {
    refuse_functions(settings);
    const options usual;
    text_pairs out;
    for (const auto& each : rows()) {
        auto text = each.text(settings);
        if (each.always || text != each.text(usual)) out.emplace_back(each.name, std::move(text));
    }
    if (!settings.client_certificate().empty()) {
        const options::name_value_pairs files{
            {settings.client_certificate().string(), settings.client_key().string()}};
        out.emplace_back(certificate_option, write(files));
    }
    return out;
}

options to_options(const text_pairs& from, options base) {
    for (const auto& [name, text] : from) {
        if (name == certificate_option) {
            options::name_value_pairs files;
            read(text, files);
            if (files.size() != 1) throw error(errc::bad_format, "no certificate and key");
            base.client_certificate(files.front().first, files.front().second);
            continue;
        }
        for (const auto& each : rows()) {
            if (each.name == name) each.set(base, text);
        }
    }
    return base;
}

}  // namespace xmpp::detail::shared
