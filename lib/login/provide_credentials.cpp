#include <xmpp/error.hpp>

#include "login/negotiation_io.hpp"
#include "login/phases.hpp"
#include "sasl/account.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace xmpp::detail {
namespace {

void check_same_account(const credentials& expected, const credentials& given) {
    // The server may have told the program its address in another spelling.
    const bool same = same_after_folding(given.user().bare(), expected.user().bare()) &&
                      same_after_folding(account_of(given), account_of(expected));
    if (same) return;
    throw login_error(error(
        errc::invalid_options,
        fmt::format("options::credentials_provider gave credentials for {}, and this session is "
                    "for {}",
                    account_of(given).str(), account_of(expected).str())));
}

}  // namespace

task<credentials> provide_credentials(const options& settings, stanza features, credentials who) {
    std::exception_ptr failure;
    try {
        auto given = co_await settings.credentials_provider()(std::move(features), who);
        check_same_account(who, given);
        co_return given;
    } catch (...) {
        failure = std::current_exception();
    }
    throw login_error::from(failure, errc::callback_failed);
}

}  // namespace xmpp::detail
