#include "net/tls/tls_context.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

namespace xmpp::detail {
namespace {

/// When each file was written last, so that a renewed certificate is noticed.
using file_times = std::vector<std::filesystem::file_time_type>;

file_times times_of_files(const tls_settings& settings) {
    file_times times;
    for (const auto* path :
         {&settings.ca_file(), &settings.certificate_file(), &settings.key_file()}) {
        std::error_code missing;
        times.push_back(path->empty() ? std::filesystem::file_time_type()
                                      : std::filesystem::last_write_time(*path, missing));
    }
    return times;
}

struct cache {
    std::mutex mutex;
    std::map<std::pair<tls_settings, file_times>, std::weak_ptr<const tls_context>> contexts;
};

cache& the_cache() {
    static cache instance;
    return instance;
}

}  // namespace

std::shared_ptr<const tls_context> shared_tls_context(const tls_settings& settings) {
    auto& [mutex, contexts] = the_cache();
    auto key = std::make_pair(settings, times_of_files(settings));
    const std::lock_guard lock(mutex);
    if (const auto found = contexts.find(key); found != contexts.end()) {
        if (auto context = found->second.lock()) return context;
    }
    std::erase_if(contexts, [](const auto& entry) { return entry.second.expired(); });
    auto context = std::make_shared<const tls_context>(settings);
    contexts.insert_or_assign(std::move(key), context);
    return context;
}

}  // namespace xmpp::detail
