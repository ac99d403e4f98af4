#include <xmpp/session_store.hpp>

#include "store/mapped_store.hpp"
#include "store/record_file.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xmpp {
namespace detail {
namespace {

constexpr std::uint64_t least_worth_rewriting = 64u << 10;

/// Nothing when they are not all changes of a store.
std::optional<record_map> replay(const std::vector<std::string>& changes) {
    record_map records;
    for (const auto& bytes : changes) {
        const auto change = record_change::parse(bytes);
        if (!change) return std::nullopt;
        records.apply(*change);
    }
    return records;
}

/// What a file holds; one that can't be trusted is set aside.
record_map read(record_file& file) {
    if (const auto changes = file.read()) {
        if (auto records = replay(*changes)) return std::move(*records);
    }
    file.set_aside();
    return {};
}

class file_store final : public mapped_store {
 public:
    explicit file_store(std::unique_ptr<record_file> file)
        : mapped_store(read(*file)), file_(std::move(file)) {}

 private:
    void keep(const record_change& change, const record_map& records) override {
        if (file_->size() > least_worth_rewriting && file_->size() / 2 > records.bytes()) {
            file_->rewrite(records.as_changes());
        }
        file_->append(change.bytes());
    }

    std::unique_ptr<record_file> file_;
};

}  // namespace
}  // namespace detail

std::shared_ptr<session_store> make_file_store(std::filesystem::path file, durability survives) {
    const bool wait_for_disk = survives == durability::machine;
    return std::make_shared<detail::file_store>(
        std::make_unique<detail::record_file>(std::move(file), wait_for_disk));
}

}  // namespace xmpp
