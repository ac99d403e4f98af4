#include "net/http/http_client_memory.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/secret.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#include <malloc.h>
#endif

namespace xmpp::detail {
namespace {

#if defined(__linux__)

// The blocks are those of malloc(): what a program takes from libcurl and frees by itself stays
// right.
// NOLINTBEGIN(cppcoreguidelines-no-malloc): libcurl's interface

void wipe_and_free(void* block) {
    if (block) wipe(block, malloc_usable_size(block));
    std::free(block);
}

void* grow_and_wipe(void* block, std::size_t size) {
    if (!block) return std::malloc(size);
    void* const larger = std::malloc(size);
    if (!larger) return nullptr;
    std::memcpy(larger, block, std::min(size, malloc_usable_size(block)));
    wipe_and_free(block);
    return larger;
}

CURLcode initialise() {
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, std::malloc, wipe_and_free, grow_and_wipe,
                                strdup, std::calloc);
}

// NOLINTEND(cppcoreguidelines-no-malloc)

#else

CURLcode initialise() {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

#endif

}  // namespace

void initialise_curl() {
    static const CURLcode result = initialise();
    if (result != CURLE_OK) {
        throw error(errc::not_supported, "libcurl could not be initialised");
    }
}

}  // namespace xmpp::detail
