#pragma once

#include <xmpp/session_store.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {

/// A store that tells what it has.
class listed_store final : public session_store {
 public:
    std::vector<std::string> load(const std::string& key) override {
        const auto place = records_.find(key);
        return place == records_.end() ? std::vector<std::string>() : place->second;
    }
    void replace(const std::string& key, std::string_view record) override {
        records_[key].assign(1, std::string(record));
    }
    void append(const std::string& key, std::string_view record) override {
        records_[key].emplace_back(record);
    }
    void erase(const std::string& key) override { records_.erase(key); }

    std::vector<std::string> keys() const {
        std::vector<std::string> all;
        for (const auto& [key, records] : records_) all.push_back(key);
        return all;
    }

 private:
    std::map<std::string, std::vector<std::string>> records_;
};

}  // namespace xmpp::test
