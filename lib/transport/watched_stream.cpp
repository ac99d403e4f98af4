#include "transport/watched_stream.hpp"

#include <asio/error.hpp>

#include <exception>
#include <system_error>

namespace xmpp::detail {

task<> watched_stream::write(std::string_view bytes) {
    while (!bytes.empty()) {
        if (aborted_) throw std::system_error(asio::error::operation_aborted);
        const auto piece = bytes.substr(0, most_per_write);
        observer_.write_started();
        try {
            co_await lower_->write(piece);
        } catch (...) {
            if (!aborted_) observer_.write_failed(std::current_exception());
            throw;
        }
        if (!aborted_) observer_.write_finished();
        bytes.remove_prefix(piece.size());
    }
}

void watched_stream::abort() noexcept {
    aborted_ = true;
    lower_->abort();
}

}  // namespace xmpp::detail
