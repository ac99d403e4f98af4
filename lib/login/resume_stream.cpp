#include <xmpp/ns.hpp>

#include "login/negotiation_io.hpp"
#include "login/phases.hpp"

#include <utility>

namespace xmpp::detail {

// XEP-0198 5: instead of binding a resource.
task<stanza> resume_stream(transport& wire, builder request) {
    co_await write_element(wire, std::move(request));
    auto answer = co_await read_element(wire);
    const bool known = answer->name() == "resumed" || answer->name() == "failed";
    if (answer->ns() != ns::sm || !known) throw unexpected(answer, "<resumed/> or <failed/>");
    co_return answer;
}

}  // namespace xmpp::detail
