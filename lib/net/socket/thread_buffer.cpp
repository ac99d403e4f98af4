#include "net/socket/thread_buffer.hpp"

#include <memory>

namespace xmpp::detail {
namespace {

// On the heap: thread-local arrays would be taken out of every thread's stack, also of threads
// that never see a stream.
template <std::size_t Size>
std::span<char> buffer_of_this_thread() {
    thread_local const std::unique_ptr<char[]> storage(new char[Size]);
    return {storage.get(), Size};
}

}  // namespace

std::span<char> received_bytes_buffer() {
    return buffer_of_this_thread<received_bytes_size>();
}

std::span<char> decrypted_bytes_buffer() {
    return buffer_of_this_thread<decrypted_bytes_size>();
}

}  // namespace xmpp::detail
