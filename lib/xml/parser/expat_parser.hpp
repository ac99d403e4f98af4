#pragma once

#include <expat.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xmpp::detail {

/// An expat parser for UTF-8 with namespaces, which knows how much memory it holds. Expat keeps
/// each name that it has seen, and each of its buffers, for as long as the parser lives.
///
/// Complete tokens are reported at once, also by versions of expat that put that off by default;
/// which version it is is found out at run time, because a shared library may be replaced under a
/// program.
class expat_parser {
 public:
    /// \throws std::bad_alloc
    expat_parser();
    expat_parser(const expat_parser&) = delete;
    expat_parser& operator=(const expat_parser&) = delete;
    ~expat_parser();

    /// For handlers and questions; bytes go through parse().
    XML_Parser get() const noexcept { return parser_; }

    XML_Status parse(std::string_view bytes, bool last = false) noexcept;

    /// Begins anew without handlers; the memory is kept.
    void reset() noexcept;

    /// Where the current event begins in the input, or where parsing stopped; nothing when expat
    /// does not know, which is so before the first event and while bytes are only collected.
    std::optional<std::uint64_t> position() const noexcept;

    /// Bytes that are allocated now.
    std::size_t memory() const noexcept { return memory_; }

 private:
    void report_at_once() noexcept;

    std::size_t memory_ = 0;
    XML_Parser parser_;
};

}  // namespace xmpp::detail
