#include "xml/parser/well_formed.hpp"

#include <expat.h>

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

namespace xmpp::detail {
namespace {

constexpr std::string_view before =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
constexpr std::string_view after = "</stream:stream>";

struct free_parser {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
};

}  // namespace

bool is_well_formed(std::string_view content) {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, free_parser> parser(
        XML_ParserCreateNS("UTF-8", '\x01'));
    if (!parser) throw std::bad_alloc();
    const auto takes = [&parser](std::string_view bytes, bool last) {
        const auto status =
            XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0);
        if (status != XML_STATUS_ERROR) return true;
        if (XML_GetErrorCode(parser.get()) == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
        return false;
    };
    if (!takes(before, false)) return false;
    constexpr auto most = std::size_t{1} << 28;  // expat takes sizes as int
    while (!content.empty()) {
        const auto piece = content.substr(0, most);
        content.remove_prefix(piece.size());
        if (!takes(piece, false)) return false;
    }
    return takes(after, true);
}

}  // namespace xmpp::detail
