#include "login/negotiation_io.hpp"

#include <xmpp/ns.hpp>

#include "base/crypto/crypto.hpp"
#include "base/crypto/secret.hpp"
#include "net/dial/attempt_write.hpp"
#include "sasl/account.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

/// RFC 6120 8.1.2.1: our server answers as itself, as the account, or without saying who it is.
void check_sender(const stanza& answer, const jid& account) {
    if (!answer.has_from()) return;
    const auto from = answer.from();
    if (from.str() == account.domain() || (!from.empty() && is_of_account(from, account))) return;
    throw refusal(error(errc::unexpected_element,
                        fmt::format("the answer to a request comes from '{}'", answer.from_text())),
                  answer);
}

}  // namespace

login_error login_error::from(const std::exception_ptr& failure, errc code) {
    try {
        std::rethrow_exception(failure);
    } catch (const error& thrown) {
        return login_error(thrown);
    } catch (const std::exception& thrown) {
        return login_error(error(code, thrown.what()));
    } catch (...) {
        return login_error(error(code, "it threw something that is no std::exception"));
    }
}

void throw_if_stream_error(const stanza& element) {
    const auto& root = element.root();
    if (root.name() == "error" && root.ns() == ns::streams) {
        throw refusal(stream_error_from(root), element);
    }
}

task<stanza> read_element(transport& wire) {
    auto element = co_await wire.read();
    if (!element) throw error(errc::closed_by_server, "before the session was up");
    throw_if_stream_error(*element);
    co_return std::move(*element);
}

task<> write_element(transport& wire, builder element) {
    outgoing_batch batch;
    batch.add(std::move(element).take());
    co_await attempt_write(wire.write(batch));
}

task<> write_secret(transport& wire, builder element) {
    std::string bytes = std::move(element).take();
    const wipe_at_end taken(bytes);
    outgoing_batch batch;
    batch.secret = true;
    const wipe_at_end added(batch.bytes);
    batch.add(bytes);
    co_await attempt_write(wire.write(batch));
}

task<stanza> ask(transport& wire, jid account, iq request, bool secret) {
    const std::string id = random_id();
    request.id(id);
    if (secret) {
        co_await write_secret(wire, std::move(request));
    } else {
        co_await write_element(wire, std::move(request));
    }
    auto answer = co_await read_element(wire);
    if (answer.kind() != stanza_kind::iq || answer.id() != id) {
        throw unexpected(answer, "the answer to a request");
    }
    check_sender(answer, account);
    if (answer.type() == "error") throw refusal(stanza_error(answer), answer);
    if (answer.type() != "result") throw unexpected(answer, "a result");
    co_return answer;
}

error unexpected(const stanza& element, std::string_view expected) {
    return error(errc::unexpected_element,
                 fmt::format("the server sent <{}> where {} must come", element->name(), expected));
}

}  // namespace xmpp::detail
