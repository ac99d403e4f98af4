#include <xmpp/error.hpp>

#include "net/http/http_client.hpp"

namespace xmpp::detail {

// In place of the other http_client files in a build without libcurl.
std::shared_ptr<http_client> make_http_client(asio::any_io_executor, http_settings,
                                              std::shared_ptr<clock>) {
    throw error(errc::not_supported, "this build has no HTTP: it was made without libcurl");
}

}  // namespace xmpp::detail
