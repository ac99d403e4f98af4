#include <xmpp/session_store.hpp>

#include "store/mapped_store.hpp"
#include "store/record_file.hpp"
#include "store/record_format.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp {
namespace detail {
namespace {

constexpr std::uint64_t least_worth_rewriting = 64u << 10;

/// Puts an empty record where one is that can't be read, if it is known under which key. Who keeps
/// records there may count them.
void leave_a_gap(std::string_view damaged, record_map& records) {
    const auto key = record_change::key_of(damaged);
    if (!key || !records.contains(*key)) return;
    using kind = record_change::kind;
    const bool replaces = damaged.front() == static_cast<char>(kind::replace);
    records.apply(record_change(replaces ? kind::replace : kind::append, *key, {}));
}

/// What a store begins with.
struct contents {
    record_map records;
    std::vector<std::string> warnings;
};

/// Reads a file, and makes it one that verifies as a whole.
contents read(record_file& file) {
    contents found;
    const auto warn = [&](std::string_view what) {
        found.warnings.push_back(
            fmt::format("the session store '{}' {}", file.path().string(), what));
    };
    const auto bytes = file.bytes();
    const auto read = read_record_bytes(bytes);
    std::size_t left_out = 0;
    for (const auto& part : read.parts) {
        const auto change = part.verified ? record_change::parse(part.bytes) : std::nullopt;
        if (change) {
            found.records.apply(*change);
        } else {
            leave_a_gap(part.bytes, found.records);
            ++left_out;
        }
    }
    if (!read.is_ours) {
        const auto name = file.set_aside(bytes);
        warn(fmt::format("is of another make: it begins empty, and what was there is in '{}'",
                         name));
    } else if (read.damaged || left_out > 0) {
        const auto name = file.set_aside(bytes);
        warn(fmt::format("was damaged: {} records are left out, and what was there is in '{}'",
                         left_out, name));
    } else if (read.cut) {
        warn(fmt::format("ended in an incomplete record, of which {} bytes are left out",
                         bytes.size() - read.whole));
        if (read.whole > 0) file.cut(read.whole);
    }
    if (read.damaged || left_out > 0 || read.whole == 0) {
        file.rewrite(found.records.as_changes());
    }
    return found;
}

class file_store final : public mapped_store {
 public:
    file_store(std::unique_ptr<record_file> file, contents begin)
        : mapped_store(std::move(begin.records), std::move(begin.warnings)),
          file_(std::move(file)) {}

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
    auto opened = std::make_unique<detail::record_file>(std::move(file), wait_for_disk);
    auto contents = detail::read(*opened);
    return std::make_shared<detail::file_store>(std::move(opened), std::move(contents));
}

}  // namespace xmpp
