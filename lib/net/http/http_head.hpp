#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// Names and values, in order.
using http_fields = std::vector<std::pair<std::string, std::string>>;

/// Fit for a field's name, among others (RFC 9110 5.6.2).
bool is_http_token(std::string_view text) noexcept;
/// Fit for a field: visible characters, bytes beyond ASCII, and white space (RFC 9110 5.5).
bool is_http_field_value(std::string_view text) noexcept;

/// The head of an HTTP/1.1 request (RFC 9112 section 3) as bytes. Nothing that it is given can put
/// a line of its own into it.
class http_request_head {
 public:
    /// \throws error(errc::invalid_options) for a method that is no token, and for a target with
    ///         white space, control characters or bytes beyond ASCII
    http_request_head(std::string_view method, std::string_view target);

    /// \throws error(errc::invalid_options) for a name that is no token, and for control characters
    ///         in the value
    http_request_head& add(std::string_view name, std::string_view value);

    /// One Cookie field of all (RFC 6265 section 4.2); none without cookies.
    /// \throws error(errc::invalid_options) for what can't be a cookie's name or value
    http_request_head& add_cookies(const http_fields& cookies);

    /// The head with its end.
    std::string take() &&;

 private:
    std::string bytes_;
};

/// A head that was read.
struct http_head {
    std::string start_line;
    http_fields fields;

    /// How many fields have that name, in any case.
    std::size_t count(std::string_view name) const noexcept;
    /// The first field with that name; empty when there is none.
    std::string_view value(std::string_view name) const noexcept;
    /// Is `token` in one of the comma-separated lists of that name? Both in any case.
    bool lists(std::string_view name, std::string_view token) const noexcept;
};

/// Reads a head as it comes, however it is cut into pieces. Strict: lines end with CRLF, fields are
/// not folded, there are no control characters.
class http_head_reader {
 public:
    static constexpr std::size_t max_bytes = 16 * 1024;
    static constexpr std::size_t max_fields = 100;

    /// \param begins_with what the first line must begin with; what does not is refused at its
    ///        first byte, without waiting for a line
    explicit http_head_reader(std::string_view begins_with = "HTTP/1.");

    /// Takes bytes up to the end of the head. \returns how many of them belong to it
    /// \throws error(errc::bad_format) for what is no head, or one beyond the bounds
    std::size_t feed(std::string_view bytes);

    bool complete() const noexcept { return complete_; }
    /// Once it is complete.
    const http_head& head() const noexcept { return head_; }

 private:
    void take_line();
    void check_beginning() const;

    std::string begins_with_;
    std::string line_;
    std::size_t size_ = 0;
    http_head head_;
    bool complete_ = false;
};

/// The number of a protocol_error where no answer came that could have had a status.
inline constexpr int no_http_answer = 0;

/// The first line of an answer (RFC 9112 section 4).
struct http_status {
    int code;
    std::string reason;
};

/// \throws error(errc::bad_format)
http_status parse_http_status(std::string_view start_line);

}  // namespace xmpp::detail
