#include <xmpp/connection.hpp>

#include "base/spawn.hpp"

#include <asio/io_context.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace xmpp {

void connection::disconnect_and_wait(asio::io_context& context, std::string reason) {
    const auto over = std::make_shared<bool>(false);
    detail::spawn(get_executor(), disconnect(std::move(reason)),
                  [over](const std::exception_ptr&) { *over = true; });
    if (context.stopped()) context.restart();
    while (!*over && context.run_one() > 0) {
    }
}

}  // namespace xmpp
