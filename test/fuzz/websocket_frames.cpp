// The reading side of WebSocket: frames and the XML in them. The same bytes give the same messages
// however they are cut.
#include <xmpp/element.hpp>
#include <xmpp/protocol_error.hpp>

#include "net/websocket/websocket_codec.hpp"
#include "target.hpp"
#include "xml/parser/framed_parser.hpp"

#include <string>
#include <vector>

namespace {

using namespace xmpp;

constexpr std::size_t max_message = 4096;

class reader final : public detail::websocket_receiver {
 public:
    explicit reader(detail::websocket_role role) : codec_(role, max_message) {}

    void feed(std::string_view bytes) {
        if (failed_) return;
        try {
            codec_.feed(bytes, *this);
        } catch (const protocol_error& failure) {
            failed_ = true;
            seen_.push_back(std::to_string(failure.number()));
        }
    }
    void message(std::string_view text) override {
        if (text.size() > max_message) fuzz::fail("a message beyond the limit");
        seen_.emplace_back(text);
        if (refused_) return;
        parser_.feed(text);
        try {
            while (auto element = parser_.next()) seen_.push_back(element->root().to_xml());
        } catch (const error& refusal) {
            refused_ = true;
            seen_.emplace_back(refusal.condition());
        }
    }
    const std::vector<std::string>& seen() const { return seen_; }

 private:
    detail::websocket_codec codec_;
    detail::framed_parser parser_;
    std::vector<std::string> seen_;
    bool failed_ = false;
    bool refused_ = false;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto input = fuzz::as_text(data, size).substr(1);
    const auto role =
        (data[0] & 1U) != 0 ? detail::websocket_role::server : detail::websocket_role::client;
    reader whole(role);
    whole.feed(input);
    reader cut(role);
    const std::size_t step = 1 + (data[0] >> 1U);
    for (std::size_t at = 0; at < input.size(); at += step) cut.feed(input.substr(at, step));
    if (whole.seen() != cut.seen()) fuzz::fail("it depends on how the bytes are cut");
    return 0;
}
