#pragma once

#include <xmpp/stanza.hpp>

#include "transport/bosh/bosh_body.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace xmpp::detail {

/// The elements that came in responses, in order, until somebody reads them.
class bosh_inbox {
 public:
    /// Which elements of a response are taken.
    enum class content { all, stanzas };

    void add(bosh_response response, content which = content::all);

    /// False when there may be something to take.
    bool empty() const noexcept { return parts_.empty(); }
    /// The next element; nothing when there was none left.
    /// \throws as bosh_body_reader::read(), for what had not been parsed yet; nothing is left then
    std::optional<stanza> take();

 private:
    struct part {
        std::vector<stanza> elements;
        std::optional<bosh_rest> rest;
        content which;
        std::size_t taken = 0;
    };

    std::optional<stanza> next_of_first();

    std::deque<part> parts_;
};

}  // namespace xmpp::detail
