#include "websocket_support.hpp"

#include <xmpp/protocol_error.hpp>
#include <xmpp/testing/memory_stream.hpp>

#include "base/event.hpp"
#include "base/spawn.hpp"

#include <gtest/gtest.h>

#include <system_error>
#include <utility>

namespace xmpp::test {
namespace {

std::string header(std::uint8_t first_byte, std::size_t size, std::uint8_t mask_bit) {
    std::string bytes(1, static_cast<char>(first_byte));
    const auto length_bytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
    const auto marker = size < 126 ? size : size < 65'536 ? 126U : 127U;
    bytes += static_cast<char>(marker | mask_bit);
    for (int i = length_bytes - 1; i >= 0; --i) {
        bytes += static_cast<char>(static_cast<std::uint64_t>(size) >> (8 * i) & 0xFFU);
    }
    return bytes;
}

std::string masked(std::string_view payload, std::string_view key) {
    std::string result(payload);
    for (std::size_t i = 0; i < result.size(); ++i) {
        result[i] = static_cast<char>(result[i] ^ key[i % 4]);
    }
    return result;
}

}  // namespace

std::string frame(std::uint8_t first_byte, std::string_view payload) {
    return header(first_byte, payload.size(), 0).append(payload);
}

std::string masked_frame(std::uint8_t first_byte, std::string_view payload, std::string_view key) {
    return header(first_byte, payload.size(), 0x80).append(key).append(masked(payload, key));
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    std::string payload;
    payload += static_cast<char>(code >> 8U);
    payload += static_cast<char>(code & 0xFFU);
    return payload.append(reason);
}

std::vector<parsed_frame> parse_frames(std::string_view bytes) {
    std::vector<parsed_frame> frames;
    const auto take = [&](std::size_t count) {
        if (count > bytes.size()) {
            ADD_FAILURE() << "a frame is cut";
            count = bytes.size();
        }
        const auto taken = bytes.substr(0, count);
        bytes.remove_prefix(count);
        return taken;
    };
    while (!bytes.empty()) {
        const auto head = take(2);
        if (head.size() < 2) break;
        parsed_frame parsed{static_cast<std::uint8_t>(head[0]), {}, {}};
        const auto second = static_cast<std::uint8_t>(head[1]);
        std::uint64_t size = second & 0x7FU;
        if (size >= 126) {
            const auto length = take(size == 126 ? 2 : 8);
            size = 0;
            for (const char c : length) size = size << 8U | static_cast<unsigned char>(c);
        }
        if ((second & 0x80U) != 0) parsed.mask = take(4);
        const auto payload = take(static_cast<std::size_t>(size));
        parsed.payload = parsed.mask.empty() ? std::string(payload) : masked(payload, parsed.mask);
        frames.push_back(std::move(parsed));
    }
    return frames;
}

task<std::exception_ptr> failure_of(task<> work) {
    std::exception_ptr failure;
    try {
        co_await std::move(work);
    } catch (...) {
        failure = std::current_exception();
    }
    co_return failure;
}

int number_of(const std::exception_ptr& failure) {
    if (!failure) return 0;
    try {
        std::rethrow_exception(failure);
    } catch (const protocol_error& thrown) {
        return thrown.number();
    } catch (...) {
        return 0;
    }
}

std::error_code code_of(const std::exception_ptr& failure) {
    if (!failure) return {};
    try {
        std::rethrow_exception(failure);
    } catch (const std::system_error& thrown) {
        return thrown.code();
    }
}

task<> a_few_turns(asio::any_io_executor executor) {
    detail::event turn(executor);
    for (int i = 0; i < 20; ++i) {
        turn.reset();
        detail::post(executor, [&turn] { turn.set(); });
        co_await turn.wait();
    }
}

websocket_pair make_websocket_pair(const asio::any_io_executor& executor,
                                   std::size_t max_message_bytes, std::size_t max_read) {
    auto ends =
        testing::memory_stream_pair(executor, testing::memory_stream_options().max_read(max_read));
    return {
        std::make_unique<detail::websocket_stream>(
            executor, std::move(ends.first), detail::websocket_role::client, max_message_bytes),
        std::make_unique<detail::websocket_stream>(
            executor, std::move(ends.second), detail::websocket_role::server, max_message_bytes)};
}

task<std::string> next_message(detail::websocket_stream& stream, collector& received) {
    bool open = true;
    while (open && received.messages.empty()) {
        open = co_await stream.read(received);
    }
    std::string message;
    if (!received.messages.empty()) {
        message = std::move(received.messages.front());
        received.messages.erase(received.messages.begin());
    }
    co_return message;
}

}  // namespace xmpp::test
