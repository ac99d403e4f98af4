#include "net/dns/dns_answer.hpp"

namespace xmpp::detail {

const char* to_text(dns_outcome outcome) noexcept {
    switch (outcome) {
        case dns_outcome::found:
            return "found";
        case dns_outcome::no_data:
            return "no such records";
        case dns_outcome::no_such_name:
            return "no such name";
        case dns_outcome::no_answer:
            return "no answer from the name server";
        case dns_outcome::failed:
            break;
    }
    return "the name server failed";
}

std::string reason_of(const srv_answer& answer) {
    return answer.problem.empty() ? to_text(answer.outcome) : answer.problem;
}

std::string reason_of(const address_answer& answer) {
    return answer.problem.empty() ? to_text(answer.outcome) : answer.problem;
}

}  // namespace xmpp::detail
