#include "session/negotiation_io.hpp"

#include <xmpp/ns.hpp>

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {

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
    co_await wire.write(batch);
}

error unexpected(const stanza& element, std::string_view expected) {
    return error(errc::unexpected_element,
                 fmt::format("the server sent <{}> where {} must come", element->name(), expected));
}

}  // namespace xmpp::detail
