#include "net/tls/system_authorities.hpp"

#include "net/tls/openssl_ptr.hpp"

#include <openssl/err.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <system_error>

namespace xmpp::detail {
namespace {

struct bundle {
    std::mutex mutex;
    std::filesystem::file_time_type written;
    ssl_ctx_ptr holder;  // a context that is only there for its store
};

bundle& the_bundle() {
    static bundle instance;
    return instance;
}

std::filesystem::file_time_type time_of_the_file() {
    const char* path = std::getenv(X509_get_default_cert_file_env());
    std::error_code missing;
    return std::filesystem::last_write_time(path ? path : X509_get_default_cert_file(), missing);
}

void add_certificates_of(const SSL_CTX* from, SSL_CTX* to) {
    auto* const objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(from));
    auto* const store = SSL_CTX_get_cert_store(to);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        if (auto* found = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i))) {
            X509_STORE_add_cert(store, found);
        }
    }
}

}  // namespace

void trust_system_authorities(SSL_CTX* context) {
    auto& [mutex, written, holder] = the_bundle();
    const std::lock_guard lock(mutex);
    const auto time = time_of_the_file();
    if (!holder || written != time) {
        holder.reset(SSL_CTX_new(TLS_method()));
        written = time;
        if (holder) SSL_CTX_set_default_verify_file(holder.get());
    }
    if (holder) add_certificates_of(holder.get(), context);
    SSL_CTX_set_default_verify_dir(context);  // looked into when a certificate is missing
    ERR_clear_error();                        // a system without any authority is no failure
}

}  // namespace xmpp::detail
