#include <xmpp/ns.hpp>

#include "stream/delivery.hpp"

// What comes in: counted when it has come, or when it was handled.
namespace xmpp::detail {

bool delivery::takes(const stanza& received, receipt& open) {
    if (received.kind() == stanza_kind::other) {
        return received->ns() == ns::sm && counters_.active() && takes_management(received.root());
    }
    ++counts_.received;
    // XEP-0198 5: that was received and counted already.
    if (inbound_.awaits_repeated()) {
        const bool known = inbound_.is_repeated(received);
        if (!known) observers_.log(log_level::warning, "the server has not sent the same again");
        return known;
    }
    if (inbound_.is_open() && counters_.confirmed()) {
        open = inbound_.add(received);
        return false;
    }
    counters_.received();
    note_handled();
    return false;
}

void delivery::handled(std::uint32_t count) {
    counters_.handled(count);
    note_handled();
    const bool tells = out_ && counters_.confirmed();
    if (tells && inbound_.should_tell(counters_.state().handled)) out_->owe_answer();
}

builder delivery::answer() {
    inbound_.told(counters_.state().handled);
    return counters_.answer();
}

builder delivery::resume_request() {
    inbound_.repeat();
    return counters_.resume();
}

}  // namespace xmpp::detail
