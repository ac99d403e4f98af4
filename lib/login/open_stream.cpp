#include <xmpp/error.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/ns.hpp>

#include "base/whole_number.hpp"
#include "login/negotiation_io.hpp"
#include "login/phases.hpp"

#include <fmt/format.h>

#include <utility>

namespace xmpp::detail {
namespace {

/// RFC 6120 4.7.5: major and minor are numbers of their own; 1.x speaks our language.
bool is_supported_version(std::string_view version) {
    const auto dot = version.find('.');
    if (dot == std::string_view::npos) return false;
    const auto major = whole_number<unsigned>(version.substr(0, dot));
    return major == 1U && whole_number<unsigned>(version.substr(dot + 1));
}

void check_header(const element& theirs, std::string_view domain) {
    const auto version = theirs.attr("version");
    if (!is_supported_version(version)) {
        throw error(errc::unsupported_version,
                    version.empty() ? std::string("the stream header has no version")
                                    : fmt::format("the server says version '{}'", version));
    }
    if (!theirs.has_attr("from")) return;
    const auto from = jid::parse(theirs.attr("from"));
    if (!from || from->str() != domain) {
        throw error(errc::host_mismatch,
                    fmt::format("we asked for '{}', the server answers as '{}'", domain,
                                theirs.attr("from")));
    }
}

}  // namespace

// RFC 6120 4.2 and 4.3: headers, then the features.
task<stanza> open_stream(transport& wire, stream_header header, std::string* stream_id) {
    const std::string domain = header.to;
    auto theirs = co_await wire.open_stream(std::move(header));
    check_header(theirs.root(), domain);
    if (stream_id) *stream_id = theirs->attr("id");
    auto features = co_await read_element(wire);
    if (features->name() != "features" || features->ns() != ns::streams) {
        throw unexpected(features, "the stream features");
    }
    co_return features;
}

}  // namespace xmpp::detail
