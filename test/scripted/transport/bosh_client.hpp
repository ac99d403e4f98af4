#pragma once

#include <xmpp/xmpp.hpp>

#include "support/background.hpp"
#include "support/bosh_body.hpp"
#include "support/http_server.hpp"

#include <asio/io_context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {

/// A connection over HTTP to a server that does what the test says with each request.
class bosh_client {
 public:
    /// The time limits of `settings` count in real time: libcurl moves bytes meanwhile.
    explicit bosh_client(asio::io_context& given, options settings = {});

    /// As the options of a test need to be: not encrypted, and no silence is asked about.
    static options plain(options settings = {});

    /// Starts to connect; the statuses gather in `steps`.
    void connect();
    /// The same with what attach() or restore() has returned.
    void follow(async_generator<status> statuses);
    /// Connects and answers until CONNECTED. `held`: the request that waits at the server then.
    task<> log_in(std::string session = " sid='s' requests='2' hold='1' wait='60'");
    /// The same for a connection that connects already; for CONNECTED, `reached()` is to be asked.
    task<> answer_login(std::string session = " sid='s' requests='2' hold='1' wait='60'");
    /// The next request with `part` in it; those before it, which ask for stanzas, become `held`.
    task<std::shared_ptr<http_request>> next(std::string_view part);
    /// The next request, whatever it is.
    task<std::shared_ptr<http_request>> next() { return server.next(); }
    /// Waits for the last status.
    task<> ended();
    /// Waits until this status is there.
    task<> reached(status_code code);
    /// Lets everything run that is ready, for some turns of the loop.
    task<> settle();

    std::string path() const;

    asio::io_context& context;
    http_server server;
    connection conn;
    std::vector<status> steps;
    std::shared_ptr<http_request> held;

 private:
    std::unique_ptr<background<bool>> pulling_;
};

}  // namespace xmpp::test
