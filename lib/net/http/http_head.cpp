#include "net/http/http_head.hpp"

#include <xmpp/error.hpp>

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace xmpp::detail {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view white_space = " \t";

constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";  // in tokens, RFC 9110 5.6.2
constexpr std::string_view never_in_cookies = " \",;\\";     // RFC 6265 4.1.1

bool is_token_char(char c) noexcept {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || token_marks.find(c) != token_marks.npos;
}

bool is_target(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_ascii(c) && !is_control(c) && c != ' ';
    });
}

/// Perhaps in quotes.
bool is_cookie_value(std::string_view text) noexcept {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_ascii(c) && !is_control(c) && never_in_cookies.find(c) == never_in_cookies.npos;
    });
}

[[noreturn]] void refuse_option(std::string explanation) {
    throw error(errc::invalid_options, std::move(explanation));
}

[[noreturn]] void refuse_answer(std::string_view what) {
    throw error(errc::bad_format, fmt::format("the HTTP server's answer {}", what));
}

std::pair<std::string, std::string> parse_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') refuse_answer("has a folded header field");
    const auto colon = line.find(':');
    if (colon == line.npos) refuse_answer("has a header line without a colon");
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1), white_space);
    if (!is_http_token(name)) refuse_answer("has a header field whose name is none");
    if (!is_http_field_value(value)) refuse_answer("has control characters in a header field");
    return {std::string(name), std::string(value)};
}

}  // namespace

bool is_http_token(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_http_field_value(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return is_control(c) && c != '\t'; });
}

http_request_head::http_request_head(std::string_view method, std::string_view target) {
    if (!is_http_token(method)) refuse_option(fmt::format("'{}' can't be an HTTP method", method));
    if (!is_target(target)) {
        refuse_option(
            "the path of the service URL has white space, control characters or "
            "characters beyond ASCII; percent-encode them");
    }
    bytes_.append(method).append(" ").append(target).append(" HTTP/1.1").append(line_end);
}

http_request_head& http_request_head::add(std::string_view name, std::string_view value) {
    if (!is_http_token(name)) {
        refuse_option("a header's name must be letters, digits and hyphens, without white space");
    }
    if (!is_http_field_value(value)) {
        refuse_option(fmt::format("the value of header {} has control characters", name));
    }
    bytes_.append(name).append(": ").append(trimmed(value, white_space)).append(line_end);
    return *this;
}

http_request_head& http_request_head::add_cookies(const http_fields& cookies) {
    std::string list;
    for (const auto& [name, value] : cookies) {
        if (!is_http_token(name))
            refuse_option("a cookie's name has characters that it can't have");
        if (!is_cookie_value(value)) {
            refuse_option(
                fmt::format("the value of cookie {} has characters that it can't have; "
                            "percent-encode them",
                            name));
        }
        if (!list.empty()) list += "; ";
        list.append(name).append("=").append(value);
    }
    return list.empty() ? *this : add("Cookie", list);
}

std::string http_request_head::take() && {
    bytes_ += line_end;
    return std::move(bytes_);
}

std::size_t http_head::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(
        std::count_if(fields.begin(), fields.end(),
                      [&](const auto& field) { return equal_in_any_case(field.first, name); }));
}

std::string_view http_head::value(std::string_view name) const noexcept {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) {
        return equal_in_any_case(field.first, name);
    });
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

bool http_head::lists(std::string_view name, std::string_view token) const noexcept {
    for (const auto& field : fields) {
        if (!equal_in_any_case(field.first, name)) continue;
        std::string_view rest = field.second;
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            if (equal_in_any_case(trimmed(rest.substr(0, comma), white_space), token)) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

http_head_reader::http_head_reader(std::string_view begins_with) : begins_with_(begins_with) {}

std::size_t http_head_reader::feed(std::string_view bytes) {
    std::size_t used = 0;
    while (!complete_ && used < bytes.size()) {
        const auto feed = bytes.find('\n', used);
        const auto end = feed == bytes.npos ? bytes.size() : feed + 1;
        const auto piece = bytes.substr(used, std::min(end - used, max_bytes - size_ + 1));
        used += piece.size();
        size_ += piece.size();
        line_ += piece;
        check_beginning();
        if (size_ > max_bytes) refuse_answer("has a head of more than 16 KiB");
        if (line_.back() == '\n') take_line();
    }
    return used;
}

void http_head_reader::check_beginning() const {
    if (!head_.start_line.empty()) return;
    const auto size = std::min(line_.size(), begins_with_.size());
    if (std::string_view(line_).substr(0, size) != std::string_view(begins_with_).substr(0, size)) {
        refuse_answer("is not HTTP/1.1: something else listens there");
    }
}

void http_head_reader::take_line() {
    if (!line_.ends_with(line_end)) refuse_answer("has lines that do not end with CRLF");
    const auto line = std::string_view(line_).substr(0, line_.size() - line_end.size());
    if (head_.start_line.empty()) {
        if (!is_http_field_value(line)) refuse_answer("has control characters in its first line");
        head_.start_line = line;
    } else if (line.empty()) {
        complete_ = true;
    } else if (head_.fields.size() == max_fields) {
        refuse_answer("has more than 100 header fields");
    } else {
        head_.fields.push_back(parse_field(line));
    }
    line_.clear();
}

http_status parse_http_status(std::string_view start_line) {
    constexpr std::string_view version = "HTTP/1.";  // and a digit, a space, three digits
    const auto code = start_line.substr(std::min(version.size() + 2, start_line.size()), 3);
    const auto rest = start_line.substr(std::min(version.size() + 5, start_line.size()));
    const bool well_formed =
        start_line.starts_with(version) && start_line.size() >= version.size() + 5 &&
        is_digit(start_line[version.size()]) && start_line[version.size() + 1] == ' ' &&
        std::all_of(code.begin(), code.end(), is_digit) && (rest.empty() || rest.front() == ' ');
    int number = 0;
    if (well_formed) std::from_chars(code.data(), code.data() + code.size(), number);
    if (number < 100) refuse_answer("has no status line");
    return {number, std::string(trimmed(rest, white_space))};
}

}  // namespace xmpp::detail
