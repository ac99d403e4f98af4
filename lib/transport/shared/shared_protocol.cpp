#include "transport/shared/shared_protocol.hpp"

#include <xmpp/error.hpp>

#include "base/crypto/secret.hpp"
#include "store/length_prefix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

namespace xmpp::detail::shared {
namespace {

[[noreturn]] void refuse(std::string what) {
    throw error(errc::bad_format,
                "what came over the socket of a shared session is no message: " + std::move(what));
}

std::size_t size_of(std::uint32_t) {
    return length_bytes;
}
std::size_t size_of(const std::string& text) {
    return length_bytes + text.size();
}
std::size_t size_of(const std::pair<std::string, std::string>& both) {
    return size_of(both.first) + size_of(both.second);
}
template <class Item>
std::size_t size_of(const std::vector<Item>& items) {
    std::size_t size = length_bytes;
    for (const auto& item : items) size += size_of(item);
    return size;
}

void put(std::string& out, std::uint32_t number) {
    append_length(out, number);
}
void put(std::string& out, const std::string& text) {
    append_length(out, text.size());
    out += text;
}
void put(std::string& out, const std::pair<std::string, std::string>& both) {
    put(out, both.first);
    put(out, both.second);
}
template <class Item>
void put(std::string& out, const std::vector<Item>& items) {
    append_length(out, items.size());
    for (const auto& item : items) put(out, item);
}

void take(std::string_view& from, std::uint32_t& number) {
    if (from.size() < length_bytes) refuse("a field is cut short");
    number = read_length(from);
    from.remove_prefix(length_bytes);
}
void take(std::string_view& from, std::string& text) {
    std::uint32_t size = 0;
    take(from, size);
    if (size > from.size()) refuse("a text is cut short");
    text = from.substr(0, size);
    from.remove_prefix(size);
}
void take(std::string_view& from, std::pair<std::string, std::string>& both) {
    take(from, both.first);
    take(from, both.second);
}
template <class Item>
void take(std::string_view& from, std::vector<Item>& items) {
    std::uint32_t count = 0;
    take(from, count);
    if (count > from.size() / length_bytes) refuse("a list is cut short");
    items.resize(count);
    for (auto& item : items) take(from, item);
}

template <class Message>
Message read_fields(std::string_view fields) {
    Message read;
    std::apply([&fields](auto&... field) { (take(fields, field), ...); }, Message::fields(read));
    if (!fields.empty()) refuse("there is more than its fields");
    return read;
}

/// Tries one kind after the other.
template <class First, class... Others>
message read_as(char kind, std::string_view fields, const std::variant<First, Others...>*) {
    if (kind == First::kind) return read_fields<First>(fields);
    if constexpr (sizeof...(Others) != 0) {
        return read_as(kind, fields, static_cast<const std::variant<Others...>*>(nullptr));
    } else {
        refuse(fmt::format("there is no kind {}", static_cast<int>(kind)));
    }
}

template <class Message>
std::string encode_one(const Message& what) {
    std::string out;
    std::apply(
        [&](const auto&... field) {
            const std::size_t size = (1 + ... + size_of(field));
            out.reserve(length_bytes + size);
            append_length(out, size);
            out += Message::kind;
            (put(out, field), ...);
        },
        Message::fields(what));
    return out;
}

}  // namespace

std::string encode(const message& what) {
    return std::visit([](const auto& each) { return encode_one(each); }, what);
}

message decode(std::string_view frame) {
    if (frame.empty()) refuse("it is empty");
    return read_as(frame.front(), frame.substr(1), static_cast<const message*>(nullptr));
}

frame_reader::~frame_reader() {
    wipe(bytes_);
}

void frame_reader::feed(std::string_view bytes) {
    drop_consumed();
    if (bytes_.capacity() - bytes_.size() < bytes.size()) {
        // By hand, so that what is left behind is wiped.
        std::string larger;
        larger.reserve(std::max(2 * bytes_.size(), bytes_.size() + bytes.size()));
        larger = bytes_;
        wipe(bytes_);
        bytes_.swap(larger);
    }
    bytes_ += bytes;
}

std::optional<message> frame_reader::next() {
    const auto rest = std::string_view(bytes_).substr(begin_);
    if (rest.size() < length_bytes) return std::nullopt;
    const std::size_t size = read_length(rest);
    if (size == 0 || size > most_) {
        refuse(fmt::format("{} bytes long, {} are allowed", size, most_));
    }
    if (rest.size() < length_bytes + size) return std::nullopt;
    auto read = decode(rest.substr(length_bytes, size));
    begin_ += length_bytes + size;
    return read;
}

void frame_reader::drop_consumed() {
    if (begin_ == 0) return;
    wipe(bytes_.data(), begin_);
    if (begin_ == bytes_.size()) {
        bytes_.clear();
        if (bytes_.capacity() > kept_link_capacity) bytes_.shrink_to_fit();
    } else {
        bytes_.erase(0, begin_);
    }
    begin_ = 0;
}

}  // namespace xmpp::detail::shared
