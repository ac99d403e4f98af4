#pragma once

#include <xmpp/session_store.hpp>

#include <memory>
#include <optional>
#include <string>

namespace xmpp::detail {

/// The right to use what is under a key of a store object, which one holder has at a time. The
/// table of holders is in the store object, so that stores of programs need not know of it. Given
/// back on destruction; may outlive the store.
class store_lease {
 public:
    /// Nothing while somebody else has it. For all threads.
    static std::optional<store_lease> take(const session_store& store, std::string key);

    store_lease(store_lease&& other) noexcept = default;
    store_lease& operator=(store_lease&& other) noexcept;
    ~store_lease();

 private:
    store_lease(std::shared_ptr<store_leases> table, std::string key);
    void give_back() noexcept;

    std::shared_ptr<store_leases> table_;  // null: moved from
    std::string key_;
};

}  // namespace xmpp::detail
