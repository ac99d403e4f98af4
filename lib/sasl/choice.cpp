#include "sasl/choice.hpp"

#include <xmpp/error.hpp>

#include "sasl/credentials_data.hpp"
#include "sasl/simple_mechanisms.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace xmpp::detail::sasl {
namespace {

constexpr std::array<std::string_view, 13> default_order{"SCRAM-SHA-512-PLUS",
                                                         "SCRAM-SHA-384-PLUS",
                                                         "SCRAM-SHA-256-PLUS",
                                                         "SCRAM-SHA-1-PLUS",
                                                         "SCRAM-SHA-512",
                                                         "SCRAM-SHA-384",
                                                         "SCRAM-SHA-256",
                                                         "SCRAM-SHA-1",
                                                         "PLAIN",
                                                         "OAUTHBEARER",
                                                         "X-OAUTH2",
                                                         "ANONYMOUS",
                                                         "EXTERNAL"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// What keeps a mechanism from being used, the gravest last.
enum class obstacle { none, other, name_missing, not_encrypted, weaker_than_known };

struct verdict {
    obstacle what = obstacle::none;
    std::string_view why;
    std::string_view lacking = {};  // what it has less of than earlier logins
};

class chooser {
 public:
    chooser(const offer& offered, const credentials& who, const link_state& link,
            const choice_policy& policy)
        : offered_(offered),
          who_(who),
          data_(credentials_data::of(who)),
          link_(link),
          policy_(policy),
          considered_(std::span(offered.mechanisms)
                          .first(std::min(offered.mechanisms.size(), max_considered))),
          order_(preference()),
          plus_offered_(std::any_of(considered_.begin(), considered_.end(), is_known_plus)),
          binding_(find_binding()) {}

    selection choose() {
        for (const auto& name : order_) {
            if (!contains(considered_, name)) continue;
            made_ = {};
            const auto* own = find_registered(name);
            auto found = own ? judge_registered(*own) : judge(name);
            const auto strength = strength_here(name);
            if (found.what == obstacle::none) found = judge_strength(strength);
            if (found.what == obstacle::none) {
                if (!own && needs_password(name)) refuse_stripped_offer();
                return {name, own ? nullptr : make(name), std::move(made_.steps), strength,
                        std::move(reasons_)};
            }
            note(name, found);
        }
        fail();
    }

    /// What our side could have, with all that servers offer and links can do. A mechanism whose
    /// factory has declined is not in reach.
    login_reach reach() const {
        login_reach found;
        for (const auto& name : order_) {
            if (!is_in_reach(name)) continue;
            const auto strength = strength_of(name, policy_.may_encrypt);
            found.best = best_of(found.best, strength);
            found.own_mechanism |= strength.shown == exposure::unknown;
        }
        return found;
    }

 private:
    /// No server offers more; the rest of an endless list is not looked at.
    static constexpr std::size_t max_considered = 256;

    static bool needs_password(std::string_view name) {
        return find_scram(name) || name == "PLAIN";
    }

    static bool is_known_plus(std::string_view name) { return find_scram(name) && is_plus(name); }

    const registered_mechanism* find_registered(std::string_view name) const {
        const auto found =
            std::find_if(policy_.registered.begin(), policy_.registered.end(),
                         [&](const registered_mechanism& each) { return each.name == name; });
        return found == policy_.registered.end() ? nullptr : &*found;
    }

    std::vector<std::string> preference() const {
        if (!data_.mechanisms.empty()) return data_.mechanisms;
        if (!policy_.mechanisms.empty()) return policy_.mechanisms;
        std::vector<std::string> ours(default_order.begin(), default_order.end());
        if (link_.client_certificate) std::rotate(ours.begin(), ours.end() - 1, ours.end());
        std::erase_if(ours, [&](std::string_view name) { return find_registered(name); });
        std::vector<std::string> order;
        order.reserve(policy_.registered.size() + ours.size());
        for (const auto& each : policy_.registered) order.push_back(each.name);
        order.insert(order.end(), ours.begin(), ours.end());
        return order;
    }

    const channel_binding* find_binding() const {
        const auto& types = offered_.binding_types;
        const bool only_plus = std::all_of(order_.begin(), order_.end(), is_known_plus);
        for (const auto& candidate : link_.bindings) {
            if (candidate.data.empty()) continue;
            const bool usable = types ? contains(*types, candidate.type)
                                      : candidate.type == "tls-unique" || only_plus;
            if (usable) return &candidate;
        }
        return nullptr;
    }

    void refuse_stripped_offer() const {
        const bool scram_offered =
            std::any_of(considered_.begin(), considered_.end(),
                        [](std::string_view name) { return find_scram(name) != nullptr; });
        const bool plus_wanted = std::any_of(order_.begin(), order_.end(), is_known_plus);
        if (!offered_.binding_types || !binding_ || !scram_offered || plus_offered_ ||
            !plus_wanted) {
            return;
        }
        throw error(errc::downgrade_detected,
                    "the server lists the channel binding " + binding_->type +
                        " but no mechanism that could use it: somebody on the way may have removed "
                        "them. If the server is really set up like that, name the mechanisms to "
                        "use (options::mechanisms), without \"-PLUS\"");
    }

    login_strength strength_here(std::string_view name) const {
        return strength_of(name, link_.secure, binding_ ? binding_->type : std::string_view());
    }

    bool is_in_reach(std::string_view name) const {
        if (find_registered(name)) return !contains(declined_, name);
        if (name == "EXTERNAL") return !is_anonymous() && link_.client_certificate;
        if (name == "ANONYMOUS") return is_anonymous();
        if (name == "PLAIN") return has_password();
        if (find_scram(name)) return has_password() || has_keys_for(name);
        return data_.kind == credentials_kind::oauth && contains(default_order, name);
    }

    bool is_anonymous() const {
        return data_.kind == credentials_kind::password && who_.authcid().empty();
    }
    bool has_password() const {
        return data_.kind == credentials_kind::password && !data_.secret.empty();
    }
    bool has_keys_for(std::string_view scram_name) const {
        return data_.kind == credentials_kind::password && data_.keys &&
               data_.keys->mechanism() == find_scram(scram_name)->name;
    }

    verdict judge_strength(const login_strength& offered) const {
        if (policy_.pin.empty()) return {};
        const auto lacking = policy_.pin.lacks(offered, reach());
        if (lacking.empty()) return {};
        return {obstacle::weaker_than_known,
                "weaker than earlier logins of this account, for want of ", lacking};
    }

    verdict judge_registered(const registered_mechanism& own) {
        made_ = own.make();
        if (!made_.steps) {
            declined_.push_back(own.name);
            return {obstacle::other, "the program's factory declined"};
        }
        return made_.requires_encryption ? judge_encryption() : verdict{};
    }

    verdict judge(std::string_view name) const {
        if (find_scram(name)) return judge_scram(name);
        if (name == "PLAIN") return judge_plain();
        if (name == "OAUTHBEARER" || name == "X-OAUTH2") return judge_token();
        if (name == "ANONYMOUS") return judge_anonymous();
        if (name == "EXTERNAL") return judge_external();
        return {obstacle::other, "not supported by this library"};
    }

    verdict judge_scram(std::string_view name) const {
        if (const auto found = judge_name(); found.what != obstacle::none) return found;
        if (!has_password() && !has_keys_for(name)) {
            return {obstacle::other, "no password, and no keys for this mechanism"};
        }
        if (is_plus(name) && !binding_) {
            return {obstacle::other, "no channel binding in common with the server"};
        }
        return {};
    }

    verdict judge_plain() const {
        if (const auto found = judge_name(); found.what != obstacle::none) return found;
        if (data_.secret.empty()) return {obstacle::other, "no password"};
        return judge_encryption();
    }

    /// For mechanisms that need a name and a password.
    verdict judge_name() const {
        if (data_.kind != credentials_kind::password) {
            return {obstacle::other, "the credentials are no password"};
        }
        if (who_.authcid().empty()) return {obstacle::name_missing, "the address has no user name"};
        return {};
    }

    verdict judge_token() const {
        if (data_.kind != credentials_kind::oauth) return {obstacle::other, "no access token"};
        return judge_encryption();
    }

    verdict judge_encryption() const {
        if (link_.secure || policy_.allow_plaintext_auth) return {};
        return {obstacle::not_encrypted,
                "the link is not encrypted and options::allow_plaintext_auth is off"};
    }

    verdict judge_anonymous() const {
        if (data_.kind != credentials_kind::password || !data_.secret.empty()) {
            return {obstacle::other, "the credentials are not for an anonymous user"};
        }
        if (!who_.authcid().empty()) return {obstacle::other, "the address names a user"};
        return {};
    }

    verdict judge_external() const {
        if (!link_.client_certificate) return {obstacle::other, "no client certificate in options"};
        if (is_anonymous()) return {obstacle::other, "the credentials are for an anonymous user"};
        if (!link_.secure) return {obstacle::not_encrypted, "the link is not encrypted"};
        return {};
    }

    std::unique_ptr<mechanism> make(std::string_view name) const {
        if (const auto* variant = find_scram(name)) return make_scram_for(*variant, is_plus(name));
        if (name == "PLAIN") return make_plain(who_);
        if (name == "OAUTHBEARER") return make_oauthbearer(who_);
        if (name == "X-OAUTH2") return make_x_oauth2(who_);
        if (name == "EXTERNAL") return make_external(who_);
        return make_anonymous();
    }

    std::unique_ptr<mechanism> make_scram_for(const scram_variant& variant, bool plus) const {
        scram_settings settings;
        if (plus) settings.binding = *binding_;
        const bool able = std::any_of(link_.bindings.begin(), link_.bindings.end(),
                                      [](const channel_binding& b) { return !b.data.empty(); });
        settings.flag = able && !plus_offered_ ? without_binding::unsupported_by_peer
                                               : without_binding::unsupported;
        settings.offered = offered_;
        settings.require_offer_proof = policy_.pin.wants_offer_proof();
        settings.limits = policy_.limits;
        return make_scram(variant, who_, std::move(settings));
    }

    void note(std::string_view name, const verdict& found) {
        worst_ = std::max(worst_, found.what);
        reasons_ += reasons_.empty() ? "" : "; ";
        reasons_ += name;
        reasons_ += ": ";
        reasons_ += found.why;
        reasons_ += found.lacking;
    }

    [[noreturn]] void fail() {
        const auto offered_names = describe_offer();
        std::string text = "the server offers " + offered_names;
        if (worst_ == obstacle::weaker_than_known) text += how_to_go_on;
        if (!reasons_.empty()) text += ". Not usable: " + reasons_;
        throw error(code_for(worst_), std::move(text));
    }

    static errc code_for(obstacle worst) {
        switch (worst) {
            case obstacle::name_missing:
                return errc::non_anonymous_jid;
            case obstacle::weaker_than_known:
                return errc::login_downgraded;
            case obstacle::not_encrypted:
                return errc::stream_not_secure;
            case obstacle::none:
            case obstacle::other:
                break;
        }
        return errc::no_mechanism;
    }

    /// Names that a user may see. The server's other words stay out of our texts. Also notes why
    /// those were never considered that are not in our order.
    std::string describe_offer() {
        constexpr std::size_t max_shown = 32;
        std::string names;
        std::size_t shown = 0;
        for (const auto& name : considered_) {
            if (shown == max_shown || !is_well_formed(name)) continue;
            names += names.empty() ? "" : ", ";
            names += name;
            ++shown;
            if (contains(order_, name)) continue;
            note(name, {obstacle::other, contains(default_order, name) || find_registered(name)
                                             ? "not in the list of mechanisms to use"
                                             : "not supported by this library"});
        }
        if (names.empty()) names = "no mechanism";
        const auto rest = offered_.mechanisms.size() - shown;
        if (shown > 0 && rest > 0) names += " and " + std::to_string(rest) + " more";
        return names;
    }

    /// RFC 4422 3.1.
    static bool is_well_formed(std::string_view name) {
        return !name.empty() && name.size() <= 20 &&
               std::all_of(name.begin(), name.end(), [](char c) {
                   return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
               });
    }

    static constexpr std::string_view how_to_go_on =
        ", less than earlier logins had: somebody in between may have removed the rest. If the "
        "server has really changed, log in once with options::pin_login(false)";

    const offer& offered_;
    const credentials& who_;
    const credentials_data& data_;
    const link_state& link_;
    const choice_policy& policy_;
    const std::span<const std::string> considered_;
    const std::vector<std::string> order_;
    const bool plus_offered_;
    const channel_binding* const binding_;
    made_mechanism made_;
    std::vector<std::string_view> declined_;
    std::string reasons_;
    obstacle worst_ = obstacle::none;
};

}  // namespace

selection choose(const offer& offered, const credentials& who, const link_state& link,
                 const choice_policy& policy) {
    if (credentials_data::of(who).kind == credentials_kind::component) {
        throw error(errc::invalid_options,
                    "credentials::component is for component:// services, not for users' servers");
    }
    return chooser(offered, who, link, policy).choose();
}

login_reach reach(const credentials& who, const link_state& link, const choice_policy& policy) {
    return chooser({}, who, link, policy).reach();
}

}  // namespace xmpp::detail::sasl
