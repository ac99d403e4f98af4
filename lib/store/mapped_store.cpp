#include "store/mapped_store.hpp"

#include <utility>

namespace xmpp {
namespace detail {

std::vector<std::string> mapped_store::load(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return records_.load(key);
}

void mapped_store::replace(const std::string& key, std::string_view record) {
    apply(record_change(record_change::kind::replace, key, record));
}

void mapped_store::append(const std::string& key, std::string_view record) {
    apply(record_change(record_change::kind::append, key, record));
}

void mapped_store::erase(const std::string& key) {
    apply(record_change(record_change::kind::erase, key, {}));
}

std::vector<std::string> mapped_store::take_warnings() {
    const std::lock_guard lock(mutex_);
    return std::exchange(warnings_, {});
}

void mapped_store::apply(const record_change& change) {
    const std::lock_guard lock(mutex_);
    if (change.what() == record_change::kind::erase && !records_.contains(change.key())) return;
    keep(change, records_);
    records_.apply(change);
}

}  // namespace detail

std::shared_ptr<session_store> make_memory_store() {
    return std::make_shared<detail::mapped_store>();
}

}  // namespace xmpp
