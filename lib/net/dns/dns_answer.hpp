#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace xmpp::detail {

/// How a look-up ended.
enum class dns_outcome : std::uint8_t {
    found,
    no_data,       // the name exists, without such records
    no_such_name,  // NXDOMAIN
    no_answer,     // within the time for it
    failed,  // the name server said that it can't or won't tell, or what it said makes no sense
};

/// "no such name", ...
const char* to_text(dns_outcome outcome) noexcept;

/// RFC 2782.
struct srv_record {
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    std::string target;  // without a final dot; "." for the root: no such service

    bool operator==(const srv_record&) const = default;
};

/// The answer to a question for services.
struct srv_answer {
    dns_outcome outcome = dns_outcome::no_answer;
    std::string problem;  // says more than the outcome, where there is more to say
    std::vector<srv_record> records;
};

/// The answer to a question for addresses, as text ("192.0.2.1", "2001:db8::1"), best first.
struct address_answer {
    dns_outcome outcome = dns_outcome::no_answer;
    std::string problem;
    std::vector<std::string> addresses;
};

/// What an answer without records says: its problem, or its outcome.
std::string reason_of(const srv_answer& answer);
std::string reason_of(const address_answer& answer);

}  // namespace xmpp::detail
