#pragma once

#include <xmpp/session_store.hpp>

#include "store/record_map.hpp"
#include "store/store_warnings.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// A store that has everything in memory, and may keep it elsewhere too.
class mapped_store : public session_store, public store_warnings {
 public:
    explicit mapped_store(record_map begin = {}, std::vector<std::string> warnings = {})
        : records_(std::move(begin)), warnings_(std::move(warnings)) {}

    std::vector<std::string> load(const std::string& key) override;
    void replace(const std::string& key, std::string_view record) override;
    void append(const std::string& key, std::string_view record) override;
    void erase(const std::string& key) override;
    std::vector<std::string> take_warnings() override;

 protected:
    /// Called before a change of `records` is made, one at a time; what it throws prevents the
    /// change.
    virtual void keep(const record_change&, const record_map& /*records*/) {}

 private:
    void apply(const record_change& change);

    std::mutex mutex_;
    record_map records_;
    std::vector<std::string> warnings_;
};

}  // namespace xmpp::detail
