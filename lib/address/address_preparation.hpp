#pragma once

#include <string>
#include <string_view>

/// The three string preparations of RFC 7622: each gives the normal form of one part of an address,
/// or throws xmpp::error(errc::invalid_jid) saying what is wrong with it. What is ASCII is prepared
/// by hand; everything else needs ICU, and is refused in builds without.
namespace xmpp::detail {

/// Local part: UsernameCaseMapped (RFC 8265 3.3) less the characters that RFC 7622 3.3.1 excludes.
std::string prepare_local(std::string_view text);

/// Domain: IDNA2008 U-labels, lower case, without a final dot; IPv4 and bracketed IPv6 literals
/// (RFC 7622 3.2).
std::string prepare_domain(std::string_view text);

/// Resource: OpaqueString (RFC 8265 4.2).
std::string prepare_resource(std::string_view text);

/// The same, appended to what is there already; an address is put together in one allocation.
/// After an exception `to` holds anything.
void append_local(std::string& to, std::string_view text);
void append_domain(std::string& to, std::string_view text);
void append_resource(std::string& to, std::string_view text);

/// For what a server says: text beyond ASCII that the profile refuses is appended as it is, if it
/// is UTF-8 that XML can hold, of 1 to 1023 bytes, without control characters and, in a local part,
/// the characters that end one.
void append_received_local(std::string& to, std::string_view text);
void append_received_resource(std::string& to, std::string_view text);

/// What stringprep (RFC 6122, appendices A and B) makes of a part, as near as matters to find out
/// whether two are meant to be the same: compatibility forms and, in the local part, case are gone.
/// Without ICU the text as it is.
std::string folded_local(std::string_view text);
std::string folded_resource(std::string_view text);

}  // namespace xmpp::detail
