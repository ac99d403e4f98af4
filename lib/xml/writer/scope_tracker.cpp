#include "xml/writer/scope_tracker.hpp"

#include <xmpp/ns.hpp>

#include "xml/tree_walk.hpp"

#include <algorithm>
#include <cstddef>

namespace xmpp::detail {
namespace {

constexpr std::string_view xml_prefix = "xml";
/// In place of a namespace that is not known; no namespace equals it.
constexpr std::string_view unknown_namespace = "\x01";

std::string_view default_inside(const element& top, ns_scope scope) noexcept {
    if (top.ns() != ns::xml) return top.ns();
    return scope.kind == ns_scope::rule::known ? scope.uri : unknown_namespace;
}

}  // namespace

scope_tracker::scope_tracker(const element& top, ns_scope scope)
    : top_(top), scopes_(tree_access::scopes(top)) {
    open_.push_back({{}, default_inside(top, scope)});
}

std::string_view scope_tracker::text(slice s) const noexcept {
    return tree_access::text(top_, s);
}

std::span<const scope_record> scope_tracker::records_of(const element& e) const noexcept {
    const auto index = tree_access::record(e).index;
    const auto begin = std::lower_bound(
        scopes_.begin(), scopes_.end(), index,
        [](const scope_record& record, std::uint32_t wanted) { return record.element < wanted; });
    auto end = begin;
    while (end != scopes_.end() && end->element == index) ++end;
    return {begin, end};
}

scope_tracker::form scope_tracker::open(const element& e) {
    const auto records = records_of(e);
    std::string_view prefix;
    std::string_view inner_default = open_.back().default_ns;
    for (const auto& record : records) {
        if (!record.declares)
            prefix = text(record.prefix);
        else if (record.prefix.size == 0)
            inner_default = text(record.ns);
        else
            ++inside_[text(record.prefix)];
    }
    form written{{}, records, open_.back().default_ns};
    if (e.ns() == ns::xml) {
        written.prefix = xml_prefix;
    } else if (e.ns() != inner_default) {
        if (!prefix.empty()) {
            written.prefix = prefix;
            use(prefix, e.ns());
        } else if (!e.ns().empty() && !own_prefix_.empty()) {
            written.prefix = own_prefix_;
        } else {
            written.declares_own = true;
            inner_default = e.ns();
            if (!e.ns().empty()) {
                outer_default_ = e.ns();
                ++outer_default_uses_;
            }
        }
    }
    use_attributes(e);
    open_.push_back({records, inner_default});
    return written;
}

void scope_tracker::close() {
    for (const auto& record : open_.back().records)
        if (record.declares && record.prefix.size != 0) --inside_[text(record.prefix)];
    open_.pop_back();
}

void scope_tracker::use(std::string_view prefix, std::string_view ns) {
    const auto declared = inside_.find(prefix);
    if (declared != inside_.end() && declared->second > 0) return;
    if (used_.insert(prefix).second) outside_.emplace_back(prefix, ns);
}

void scope_tracker::use_attributes(const element& e) {
    for (const auto a : e.attributes())
        if (!a.prefix.empty() && a.ns != ns::xml) use(a.prefix, a.ns);
}

void scope_tracker::survey() {
    use_attributes(top_);
    tree_walk walk(top_);
    for (auto step = walk.next(); step != tree_walk::step::done; step = walk.next()) {
        if (&walk.node() == &top_) continue;
        if (step == tree_walk::step::open) open(walk.node());
        if (step == tree_walk::step::close) close();
    }
    if (outer_default_uses_ > 1) choose_prefix();
}

void scope_tracker::choose_prefix() {
    std::unordered_set<std::string_view> taken(used_);
    for (const auto& record : scopes_) taken.insert(text(record.prefix));
    std::size_t number = 0;
    do {
        own_prefix_ = "ns" + std::to_string(number++);
    } while (taken.contains(own_prefix_));
    outside_.emplace_back(own_prefix_, outer_default_);
}

}  // namespace xmpp::detail
