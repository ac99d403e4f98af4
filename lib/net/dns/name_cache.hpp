#pragma once

#include "net/dns/dns_answer.hpp"
#include "net/dns/ttl_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace xmpp::detail {

/// What name servers have said, as long as they allow, or until it is forgotten. Thread-safe.
///
/// Keys begin with the name that was asked for, and a space.
class name_cache {
 public:
    /// \param configuration a file (resolv.conf) whose change means another network: nothing is
    ///        known any more then
    explicit name_cache(std::filesystem::path configuration);

    /// Counts how often all was forgotten; looks at the configuration first.
    std::uint64_t generation();

    std::optional<srv_answer> services(const std::string& key, const std::shared_ptr<clock>& time);
    std::optional<address_answer> addresses(const std::string& key,
                                            const std::shared_ptr<clock>& time);

    /// Keeps an answer, unless all was forgotten since `asked`: it is of another network then.
    void keep(const std::string& key, const std::shared_ptr<clock>& time, const srv_answer& answer,
              clock::duration lifetime, std::uint64_t asked);
    void keep(const std::string& key, const std::shared_ptr<clock>& time,
              const address_answer& answer, clock::duration lifetime, std::uint64_t asked);

    /// Forgets the addresses of a host, the services of a domain of that name, and the addresses of
    /// those.
    void forget(std::string_view name);
    void forget_all();

 private:
    struct stamp {
        dev_t device{};
        ino_t inode{};
        std::time_t seconds{};
        long nanoseconds{};
        off_t size{};
        bool operator==(const stamp&) const = default;
    };

    stamp look() const noexcept;

    std::filesystem::path configuration_;
    std::mutex mutex_;
    stamp seen_;
    std::uint64_t generation_ = 0;
    ttl_cache<srv_answer> services_;
    ttl_cache<address_answer> addresses_;
};

/// That of the process.
name_cache& known_names();

/// Forgets what the process knows of a host, or of a domain's services and their hosts: none of the
/// addresses was of use, so they may be old, or forged.
void forget_names(std::string_view host);
/// The network is another one: nothing is known any more.
void forget_all_names();

}  // namespace xmpp::detail
