#include <xmpp/credentials.hpp>
#include <xmpp/error.hpp>

#include "sasl/credentials_data.hpp"
#include "sasl/resource.hpp"

#include <utility>

namespace xmpp {
namespace {

jid bare_domain(const std::string& domain) {
    jid address(domain);
    if (!address.local().empty() || !address.is_bare()) {
        throw error(errc::invalid_jid, "\"" + domain + "\" is not a domain alone");
    }
    return address;
}

detail::credentials_data make_data(detail::credentials_kind kind, jid user, std::string secret) {
    if (user.empty()) {
        throw error(errc::invalid_jid, "credentials need an address, or at least a domain");
    }
    detail::credentials_data data;
    data.kind = kind;
    data.user = std::move(user);
    data.secret = detail::secret(std::move(secret));
    return data;
}

}  // namespace

credentials::credentials(detail::credentials_data data)
    : data_(std::make_shared<const detail::credentials_data>(std::move(data))) {}

credentials::credentials(jid user, std::string password)
    : credentials(
          make_data(detail::credentials_kind::password, std::move(user), std::move(password))) {}

credentials credentials::anonymous(std::string domain) {
    return credentials(bare_domain(domain), {});
}

credentials credentials::oauth(jid user, std::string token) {
    return credentials(
        make_data(detail::credentials_kind::oauth, std::move(user), std::move(token)));
}

credentials credentials::external(jid user) {
    return credentials(make_data(detail::credentials_kind::external, std::move(user), {}));
}

credentials credentials::component(std::string domain, std::string secret) {
    return credentials(
        make_data(detail::credentials_kind::component, bare_domain(domain), std::move(secret)));
}

credentials::~credentials() = default;

/// Other copies keep what they have.
template <class Change>
void credentials::change(Change apply) {
    auto changed = std::make_shared<detail::credentials_data>(*data_);
    apply(*changed);
    data_ = std::move(changed);
}

credentials& credentials::authcid(std::string name) & {
    change([&](detail::credentials_data& data) { data.authcid = std::move(name); });
    return *this;
}

credentials& credentials::authzid(jid address) & {
    change([&](detail::credentials_data& data) { data.authzid = std::move(address); });
    return *this;
}

credentials& credentials::resource(std::string name) & {
    detail::check_resource(name);
    change([&](detail::credentials_data& data) { data.resource = std::move(name); });
    return *this;
}

credentials& credentials::scram_keys(xmpp::scram_keys keys) & {
    change([&](detail::credentials_data& data) { data.keys = std::move(keys); });
    return *this;
}

credentials& credentials::mechanisms(std::vector<std::string> names) & {
    change([&](detail::credentials_data& data) { data.mechanisms = std::move(names); });
    return *this;
}

credentials&& credentials::authcid(std::string name) && {
    return std::move(authcid(std::move(name)));
}

credentials&& credentials::authzid(jid address) && {
    return std::move(authzid(std::move(address)));
}

credentials&& credentials::resource(std::string name) && {
    return std::move(resource(std::move(name)));
}

credentials&& credentials::scram_keys(xmpp::scram_keys keys) && {
    return std::move(scram_keys(std::move(keys)));
}

credentials&& credentials::mechanisms(std::vector<std::string> names) && {
    return std::move(mechanisms(std::move(names)));
}

jid credentials::user() const {
    return data_->user;
}

std::string credentials::authcid() const {
    return data_->authcid.empty() ? std::string(data_->user.local()) : data_->authcid;
}

jid credentials::authzid() const {
    jid wanted = data_->authzid;
    if (wanted.empty() && !data_->authcid.empty() && !data_->user.local().empty()) {
        wanted = data_->user.bare();
    }
    if (data_->kind == detail::credentials_kind::external) return data_->authzid;
    // RFC 6120 6.3.8: not sent where the server derives the same from the name.
    const auto derived = authcid() + "@" + std::string(data_->user.domain());
    return wanted.str() == derived ? jid() : wanted;
}

std::string credentials::resource() const {
    return data_->resource.empty() ? std::string(data_->user.resource()) : data_->resource;
}

std::optional<scram_keys> credentials::scram_keys() const {
    return data_->keys;
}

std::vector<std::string> credentials::mechanisms() const {
    return data_->mechanisms;
}

}  // namespace xmpp
