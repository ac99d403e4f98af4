// Answers over HTTP: what is read of one, and what the window makes of it. Elements that are
// accepted can be written and read again.
#include <xmpp/error.hpp>

#include "round_trip.hpp"
#include "transport/bosh/bosh_body.hpp"
#include "transport/bosh/bosh_window.hpp"

using namespace xmpp;

namespace {

constexpr std::uint64_t rid = 1000;

void check_round_trip(const detail::bosh_response& response) {
    for (const auto& element : response.elements)
        fuzz::check_round_trip(element.root(), element->to_xml());
}

/// The session that the answer begins, and then the same answer to a request in it.
void use(const detail::bosh_response& response) {
    const detail::bosh_settings settings;
    detail::bosh_window window(settings, rid, detail::bosh_body_writer(rid));
    detail::bosh_window::time_point now{};
    for (int round = 0; round < 2; ++round) {
        window.reading(true);
        window.queue("<message/>");
        int posts = 0;
        while (const auto request = window.next(now)) {
            if (++posts > 100 && response.elements.empty()) fuzz::fail("requests without end");
            if (posts > 100) break;
            if (window.in_flight() > static_cast<std::size_t>(settings.window)) {
                fuzz::fail("more requests than the settings allow");
            }
            window.answered(request->rid, detail::bosh_response{response.body, response.elements});
            while (const auto answer = window.take()) window.learn(*answer, now);
        }
        if (const auto wake = window.wake_time()) now = *wake;
    }
    if (response.attr("type") == "terminate") (void)detail::bosh_termination(response);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static detail::bosh_body_reader reader{detail::xml_limits()};
    try {
        auto response = reader.read(fuzz::as_text(data, size));
        check_round_trip(response);
        use(response);
        while (response.rest && response.rest->next()) {
        }
    } catch (const error&) {
        return 0;
    }
    return 0;
}
