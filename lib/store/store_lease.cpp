#include "store/store_lease.hpp"

#include <mutex>
#include <set>
#include <utility>

namespace xmpp::detail {

class store_leases {
 public:
    bool take(const std::string& key) {
        const std::lock_guard lock(mutex_);
        return taken_.insert(key).second;
    }
    void give_back(const std::string& key) noexcept {
        const std::lock_guard lock(mutex_);
        taken_.erase(key);
    }

 private:
    std::mutex mutex_;
    std::set<std::string> taken_;
};

std::shared_ptr<store_leases> make_store_leases() {
    return std::make_shared<store_leases>();
}

std::optional<store_lease> store_lease::take(const session_store& store, std::string key) {
    if (!store.leases_->take(key)) return std::nullopt;
    return store_lease(store.leases_, std::move(key));
}

store_lease::store_lease(std::shared_ptr<store_leases> table, std::string key)
    : table_(std::move(table)), key_(std::move(key)) {}

store_lease& store_lease::operator=(store_lease&& other) noexcept {
    give_back();
    table_ = std::move(other.table_);
    key_ = std::move(other.key_);
    return *this;
}

store_lease::~store_lease() {
    give_back();
}

void store_lease::give_back() noexcept {
    if (table_) table_->give_back(key_);
    table_.reset();
}

}  // namespace xmpp::detail
