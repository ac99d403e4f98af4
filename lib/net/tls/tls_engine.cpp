#include "net/tls/tls_engine.hpp"

#include "net/tls/channel_binding.hpp"
#include "net/tls/tls_error.hpp"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <new>

namespace xmpp::detail {
namespace {

bool is_ip_address(const std::string& name) {
    const bool bracketed = !name.empty() && name.front() == '[';
    const std::unique_ptr<ASN1_OCTET_STRING, openssl_free<ASN1_OCTET_STRING_free>> address(
        a2i_IPADDRESS(name.c_str()));
    ERR_clear_error();
    return bracketed || address;
}

}  // namespace

/// Gives a step its input, and keeps what the step leaves of it.
class tls_engine::input {
 public:
    input(tls_engine& engine, std::string_view received) : engine_(engine) {
        if (!engine_.unread_.empty()) {
            engine_.unread_.append(received);
            current_.swap(engine_.unread_);
            received = current_;
        }
        engine_.wire_.incoming = received;
    }
    input(const input&) = delete;
    input& operator=(const input&) = delete;
    ~input() { engine_.wire_.incoming = {}; }

    /// Not for the destructor: it may run out of memory.
    void keep_rest() { engine_.unread_ = std::string(engine_.wire_.incoming); }

 private:
    tls_engine& engine_;
    std::string current_;
};

tls_engine::tls_engine(std::shared_ptr<const tls_context> context, std::string server_name,
                       std::string verify_name)
    : context_(std::move(context)),
      check_(verify_name.empty() ? server_name : std::move(verify_name)),
      ssl_(SSL_new(context_->native())) {
    if (!ssl_) fail("creating a TLS connection");
    auto bio = make_tls_bio(wire_);
    SSL_set_bio(ssl_.get(), bio.get(), bio.get());  // takes the one reference for both
    static_cast<void>(bio.release());
    if (context_->role() == tls_role::server) {
        check_.attach_to(ssl_.get());
        SSL_set_accept_state(ssl_.get());
        return;
    }
    if (check_.wanted().empty()) {
        throw error(errc::invalid_options, "TLS needs the name of the server");
    }
    check_.attach_to(ssl_.get());
    if (!server_name.empty() && !is_ip_address(server_name) &&
        SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str()) != 1) {
        throw error(errc::invalid_options, fmt::format("'{}' can't be the name of a TLS server: {}",
                                                       server_name, take_openssl_errors()));
    }
    SSL_set_connect_state(ssl_.get());
}

bool tls_engine::handshake(std::string_view received) {
    input bytes(*this, received);
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
        check_.disregard();
        check_alpn();
        bytes.keep_rest();
        return true;
    }
    if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) fail("TLS handshake");
    bytes.keep_rest();
    return false;
}

std::size_t tls_engine::read(std::string_view received, std::span<char> room) {
    if (failure_) std::rethrow_exception(failure_);
    input bytes(*this, received);
    ERR_clear_error();
    std::size_t total = 0;
    while (total < room.size()) {
        std::size_t size = 0;
        const int result = SSL_read_ex(ssl_.get(), room.data() + total, room.size() - total, &size);
        total += size;
        if (result == 1) continue;
        const int reason = SSL_get_error(ssl_.get(), result);
        if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_ZERO_RETURN) break;
        try {
            fail("reading from a TLS stream");
        } catch (...) {
            // What came before the failure is good, and read first.
            failure_ = std::current_exception();
            if (total == 0) throw;
        }
        return total;
    }
    bytes.keep_rest();
    return total;
}

void tls_engine::write(std::string_view bytes) {
    if (failure_) std::rethrow_exception(failure_);
    if (bytes.empty()) return;
    constexpr std::size_t record = 16 * 1024, overhead = 64;
    wire_.outgoing.reserve(wire_.outgoing.size() + bytes.size() +
                           (bytes.size() / record + 1) * overhead);
    ERR_clear_error();
    std::size_t written = 0;
    // The wire takes everything, so there is no partial write to go on with.
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) != 1 ||
        written != bytes.size()) {
        fail("writing to a TLS stream");
    }
}

void tls_engine::shutdown() {
    // Before the handshake is complete there is nothing to say goodbye to.
    if (failure_ || SSL_in_init(ssl_.get())) return;
    ERR_clear_error();
    if (SSL_shutdown(ssl_.get()) < 0) ERR_clear_error();
}

void tls_engine::end_of_input() const {
    if (closed()) return;
    if (SSL_in_init(ssl_.get())) {
        throw error(errc::connection_lost, "the peer hung up during the TLS handshake");
    }
    throw error(errc::connection_lost,
                "the connection ended without the close_notify of TLS: it broke, or was cut");
}

bool tls_engine::closed() const noexcept {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::vector<std::pair<std::string, std::string>> tls_engine::channel_bindings() const {
    return channel_bindings_of(ssl_.get());
}

std::string tls_engine::description() const {
    return fmt::format("{}, {}", SSL_get_version(ssl_.get()), SSL_get_cipher_name(ssl_.get()));
}

std::string tls_engine::alpn() const {
    const unsigned char* data = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &data, &size);
    return std::string(reinterpret_cast<const char*>(data), size);
}

void tls_engine::fail(std::string_view doing) {
    auto failure = take_tls_error(doing);
    check_.throw_if_refused();
    throw failure;
}

void tls_engine::check_alpn() const {
    const auto& offered = context_->alpn();
    const auto chosen = alpn();
    if (chosen.empty() || std::find(offered.begin(), offered.end(), chosen) != offered.end()) {
        return;
    }
    throw error(errc::tls_failure,
                fmt::format("the server chose the protocol '{}', which was not offered (ALPN): it "
                            "does not speak XMPP on this port",
                            chosen));
}

}  // namespace xmpp::detail
