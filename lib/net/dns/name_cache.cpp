#include "net/dns/name_cache.hpp"

#include <array>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace xmpp::detail {
namespace {

constexpr std::size_t entries = 1'000;
constexpr std::array<std::string_view, 2> services_of_domains{"_xmpp-client._tcp.",
                                                              "_xmpps-client._tcp."};

bool is_of(std::string_view key, std::string_view name) {
    return key.starts_with(name) && key.substr(name.size()).starts_with(' ');
}

bool is_service_of(std::string_view key, std::string_view domain) {
    for (const auto service : services_of_domains) {
        if (key.starts_with(service) && is_of(key.substr(service.size()), domain)) return true;
    }
    return false;
}

}  // namespace

name_cache::name_cache(std::filesystem::path configuration)
    : configuration_(std::move(configuration)),
      seen_(look()),
      services_(entries),
      addresses_(entries) {}

name_cache::stamp name_cache::look() const noexcept {
    stamp now;
    struct stat file{};
    if (::stat(configuration_.c_str(), &file) != 0) return now;
    now.device = file.st_dev;
    now.inode = file.st_ino;
    now.seconds = file.st_mtim.tv_sec;
    now.nanoseconds = file.st_mtim.tv_nsec;
    now.size = file.st_size;
    return now;
}

std::uint64_t name_cache::generation() {
    const auto now = look();
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(seen_, now) == now) return generation_;
    }
    forget_all();
    const std::scoped_lock lock(mutex_);
    return generation_;
}

std::optional<srv_answer> name_cache::services(const std::string& key,
                                               const std::shared_ptr<clock>& time) {
    generation();
    return services_.find(key, time);
}

std::optional<address_answer> name_cache::addresses(const std::string& key,
                                                    const std::shared_ptr<clock>& time) {
    generation();
    return addresses_.find(key, time);
}

void name_cache::keep(const std::string& key, const std::shared_ptr<clock>& time,
                      const srv_answer& answer, clock::duration lifetime, std::uint64_t asked) {
    if (generation() == asked) services_.store(key, time, answer, lifetime);
}

void name_cache::keep(const std::string& key, const std::shared_ptr<clock>& time,
                      const address_answer& answer, clock::duration lifetime, std::uint64_t asked) {
    if (generation() == asked) addresses_.store(key, time, answer, lifetime);
}

void name_cache::forget(std::string_view name) {
    std::vector<std::string> hosts{std::string(name)};
    services_.erase_if([&](const std::string& key, const srv_answer& answer) {
        if (!is_service_of(key, name)) return false;
        for (const auto& record : answer.records) hosts.push_back(record.target);
        return true;
    });
    addresses_.erase_if([&](const std::string& key, const address_answer&) {
        for (const auto& host : hosts) {
            if (is_of(key, host)) return true;
        }
        return false;
    });
}

void name_cache::forget_all() {
    {
        const std::scoped_lock lock(mutex_);
        ++generation_;
    }
    services_.erase_if([](const auto&, const auto&) { return true; });
    addresses_.erase_if([](const auto&, const auto&) { return true; });
}

name_cache& known_names() {
    static name_cache names("/etc/resolv.conf");
    return names;
}

void forget_names(std::string_view host) {
    known_names().forget(host);
}

void forget_all_names() {
    known_names().forget_all();
}

}  // namespace xmpp::detail
