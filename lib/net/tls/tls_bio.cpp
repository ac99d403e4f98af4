#include "net/tls/tls_bio.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace xmpp::detail {
namespace {

tls_wire& wire_of(BIO* bio) {
    return *static_cast<tls_wire*>(BIO_get_data(bio));
}

int read_incoming(BIO* bio, char* to, std::size_t room, std::size_t* size) {
    auto& incoming = wire_of(bio).incoming;
    BIO_clear_retry_flags(bio);
    *size = std::min(room, incoming.size());
    if (*size == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    std::memcpy(to, incoming.data(), *size);
    incoming.remove_prefix(*size);
    return 1;
}

int write_outgoing(BIO* bio, const char* from, std::size_t size, std::size_t* written) {
    BIO_clear_retry_flags(bio);
    *written = 0;
    try {
        wire_of(bio).outgoing.append(from, size);
    } catch (const std::bad_alloc&) {
        return 0;  // no exception may pass through OpenSSL
    }
    *written = size;
    return 1;
}

long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* tls_bio_method() {
    // Never freed: streams may outlive every destructor of a static object.
    static const BIO_METHOD* const method = [] {
        auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "xmpp stream");
        if (!made) throw std::bad_alloc();
        BIO_meth_set_read_ex(made, read_incoming);
        BIO_meth_set_write_ex(made, write_outgoing);
        BIO_meth_set_ctrl(made, control);
        return made;
    }();
    return method;
}

}  // namespace

bio_ptr make_tls_bio(tls_wire& wire) {
    bio_ptr bio(BIO_new(tls_bio_method()));
    if (!bio) throw std::bad_alloc();
    BIO_set_data(bio.get(), &wire);
    BIO_set_init(bio.get(), 1);
    return bio;
}

}  // namespace xmpp::detail
