// Logs in, says something to somebody, waits for the answer and leaves.
#include <xmpp/xmpp.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

xmpp::task<bool> chat(xmpp::connection& conn, xmpp::credentials who, xmpp::jid peer) {
    bool answered = false;
    auto statuses = conn.connect(who);
    while (auto status = co_await statuses.next()) {
        fmt::print("{}\n", *status);
        if (status->code == xmpp::status_code::connected) {
            auto messages = conn.stanzas(xmpp::match().name("message").bare_from(peer.bare()));
            co_await conn.send(xmpp::presence());
            co_await conn.send(xmpp::message(peer).type("chat").body("Art thou there?"));
            auto answer = co_await messages.next();
            answered = answer && answer->type() != "error";
            if (answer) fmt::print("{}\n", (*answer)->to_xml());
            co_await conn.disconnect();
        }
    }
    co_return answered;
}

int main(int argc, char** argv) {
    if (argc < 4 || argc > 6) {
        fmt::print(stderr, "usage: {} JID PASSWORD PEER [SERVICE [CA-FILE]]\n", argv[0]);
        return 1;
    }
    try {
        const std::string service = argc > 4 ? argv[4] : "";
        xmpp::options settings;
        if (argc > 5) settings.ca_file(argv[5]);

        asio::io_context context;
        xmpp::connection conn(context.get_executor(), service, settings);
        bool answered = false;
        asio::co_spawn(context, chat(conn, xmpp::credentials(argv[1], argv[2]), argv[3]),
                       [&](std::exception_ptr failure, bool result) {
                           if (failure) std::rethrow_exception(failure);
                           answered = result;
                       });
        context.run();
        return answered ? 0 : 1;
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}\n", failure.what());
        return 1;
    }
}
