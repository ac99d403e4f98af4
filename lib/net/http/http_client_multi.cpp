#include "net/http/http_client_multi.hpp"

#include <xmpp/error.hpp>

#include "base/spawn.hpp"

#include <chrono>
#include <new>
#include <utility>

namespace xmpp::detail {

http_client_multi::http_client_multi(asio::any_io_executor executor, std::shared_ptr<clock> time,
                                     done_handler done)
    : executor_(std::move(executor)),
      time_(std::move(time)),
      done_(std::move(done)),
      sockets_(executor_, [this](curl_socket_t socket, int mask) { act(socket, mask); }),
      multi_(curl_multi_init()) {
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &on_socket);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &on_timer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

http_client_multi::~http_client_multi() {
    closing_ = true;
    timer_.reset();
    multi_.reset();  // closes the connections, and tells of each
}

void http_client_multi::add(CURL* handle) {
    const auto failure = curl_multi_add_handle(multi_.get(), handle);
    if (failure == CURLM_OK) return;
    throw error(errc::not_supported, std::string("libcurl: ") + curl_multi_strerror(failure));
}

void http_client_multi::remove(CURL* handle) noexcept {
    curl_multi_remove_handle(multi_.get(), handle);
}

int http_client_multi::on_socket(CURL*, curl_socket_t socket, int what, void* self,
                                 void*) noexcept {
    try {
        static_cast<http_client_multi*>(self)->sockets_.watch(socket, what);
        return 0;
    } catch (...) {
        return -1;  // the library gives the transfer up
    }
}

int http_client_multi::on_timer(CURLM*, long milliseconds, void* self) noexcept {
    try {
        static_cast<http_client_multi*>(self)->set_timer(milliseconds);
        return 0;
    } catch (...) {
        return -1;
    }
}

void http_client_multi::set_timer(long milliseconds) {
    timer_.reset();
    if (closing_ || milliseconds < 0) return;
    const auto weak = weak_from_this();
    if (milliseconds > 0) {
        timer_ = time_->call_at(executor_, time_->now() + std::chrono::milliseconds(milliseconds),
                                [weak] {
                                    if (const auto self = weak.lock()) {
                                        self->act(CURL_SOCKET_TIMEOUT, 0);
                                    }
                                });
        return;
    }
    if (posted_) return;
    posted_ = true;
    post(executor_, [weak] {
        const auto self = weak.lock();
        if (!self) return;
        self->posted_ = false;
        self->act(CURL_SOCKET_TIMEOUT, 0);
    });
}

void http_client_multi::act(curl_socket_t socket, int mask) {
    const auto keep = shared_from_this();
    int running = 0;
    curl_multi_socket_action(multi_.get(), socket, mask, &running);
    int waiting = 0;
    while (const auto* message = curl_multi_info_read(multi_.get(), &waiting)) {
        if (message->msg == CURLMSG_DONE) done_(message->easy_handle, message->data.result);
    }
}

}  // namespace xmpp::detail
