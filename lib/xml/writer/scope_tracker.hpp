#pragma once

#include <xmpp/element.hpp>

#include "xml/tree_trailer.hpp"
#include "xml/writer/serialize.hpp"

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// How the elements below `top` are named where `top` is written without a prefix and what is
/// around it in its tree is not written: which of the sender's declarations and prefixes stay, and
/// which declarations `top` needs in place of those that stood outside.
///
/// Declarations stay where the sender had them, so that markup does not grow however often a prefix
/// is used. To be told of each element of a tree_walk, `top` excepted.
class scope_tracker {
 public:
    /// Of one element.
    struct form {
        std::string_view prefix;                // to be written before the name
        std::span<const scope_record> records;  // with declarations to be written
        std::string_view outer_default;         // which need not be declared again
        bool declares_own = false;              // as the default namespace, which nobody declared
    };

    scope_tracker(const element& top, ns_scope scope);

    form open(const element& e);
    void close();

    /// Looks at all elements, for outside(). Once, before open().
    void survey();
    /// What `top` has to declare.
    const std::vector<std::pair<std::string, std::string_view>>& outside() const noexcept {
        return outside_;
    }

 private:
    struct frame {
        std::span<const scope_record> records;
        std::string_view default_ns;  // inside the element
    };

    std::span<const scope_record> records_of(const element& e) const noexcept;
    std::string_view text(slice s) const noexcept;
    void use(std::string_view prefix, std::string_view ns);
    void use_attributes(const element& e);
    void choose_prefix();

    const element& top_;
    std::span<const scope_record> scopes_;
    std::vector<frame> open_;
    std::unordered_map<std::string_view, int> inside_;  // prefixes that open elements declare
    std::unordered_set<std::string_view> used_;         // from outside
    std::vector<std::pair<std::string, std::string_view>> outside_;
    std::string_view outer_default_;  // what elements without a prefix are in, where top is not
    std::string own_prefix_;          // stands for it
    int outer_default_uses_ = 0;
};

}  // namespace xmpp::detail
