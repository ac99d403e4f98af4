#include "net/dial/discovery.hpp"

#include <xmpp/error.hpp>

#include "base/event.hpp"
#include "net/dial/ip_text.hpp"
#include "net/url/service_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace xmpp::detail {
namespace {

constexpr std::size_t records_tried = 10;

bool is_unavailable(const srv_record& record) {
    return record.target == ".";
}

/// "_xmpp-client._tcp.example.org: 2 records"
std::string describe(const service_answer& asked) {
    const auto& records = asked.answer.records;
    if (records.empty()) return fmt::format("{}: {}", asked.name, reason_of(asked.answer));
    if (std::all_of(records.begin(), records.end(), is_unavailable)) {
        return fmt::format("{}: service not available", asked.name);
    }
    std::string text;
    for (const auto& record : records) {
        if (!text.empty()) text += ", ";
        if (text.size() > 300) {
            text += "...";
            break;
        }
        text += fmt::format("'{}' port {}", record.target, record.port);
    }
    return fmt::format("{}: {}", asked.name, text);
}

std::string describe(const std::vector<service_answer>& answers) {
    std::string text = "DNS: ";
    for (const auto& asked : answers) {
        if (&asked != &answers.front()) text += "; ";
        text += describe(asked);
    }
    return text;
}

bool any_failed(const std::vector<service_answer>& answers) {
    return std::any_of(answers.begin(), answers.end(), [](const auto& asked) {
        return asked.answer.outcome == dns_outcome::failed;
    });
}

/// Both questions at once.
class service_questions {
 public:
    service_questions(const asio::any_io_executor& executor, std::shared_ptr<resolver> names)
        : names_(std::move(names)), all_answered_(executor) {}

    void ask(const std::string& service, const std::string& domain, bool direct_tls) {
        const auto place = answers_.size();
        answers_.push_back({fmt::format("{}.{}", service, domain), direct_tls, {}});
        ++open_;
        asked_.push_back(names_->services(answers_.back().name, [this, place](srv_answer answer) {
            answers_[place].answer = std::move(answer);
            if (--open_ == 0) all_answered_.set();
        }));
    }

    task<> wait() { return all_answered_.wait(); }
    const std::vector<service_answer>& answers() const noexcept { return answers_; }

 private:
    std::shared_ptr<resolver> names_;
    event all_answered_;
    std::vector<service_answer> answers_;
    std::size_t open_ = 0;
    std::vector<std::unique_ptr<resolver::question>> asked_;
};

}  // namespace

task<discovered> discover(asio::any_io_executor executor, std::string domain, bool with_direct_tls,
                          std::shared_ptr<resolver> names) {
    if (!names->knows_services() || as_ip_address(domain) || is_this_machine(domain)) {
        discovered itself;
        itself.places.emplace_back(std::move(domain), starttls_port);
        co_return itself;
    }
    service_questions questions(executor, std::move(names));
    if (with_direct_tls) questions.ask("_xmpps-client._tcp", domain, true);
    questions.ask("_xmpp-client._tcp", domain, false);
    co_await questions.wait();
    co_return choose_places(domain, questions.answers(), secure_random_number);
}

discovered choose_places(const std::string& domain, const std::vector<service_answer>& answers,
                         const random_number& random) {
    discovered found;
    found.account = describe(answers);

    bool any_record = false;
    bool any_target = false;
    std::vector<service_record> usable;
    for (const auto& asked : answers) {
        for (const auto& record : asked.answer.records) {
            any_record = true;
            if (is_unavailable(record)) continue;
            any_target = true;
            if (record.port != 0) usable.push_back({record, asked.direct_tls});
        }
    }
    const auto count = usable.size();
    for (const auto& chosen : put_in_order(std::move(usable), records_tried, random)) {
        // A target is a full name: no search list may make another of it.
        found.places.emplace_back(chosen.record.target, chosen.record.port, chosen.direct_tls,
                                  endpoint::completion::forbidden);
    }
    if (count > records_tried) {
        found.account += fmt::format(" ({} of {} records are tried)", records_tried, count);
    }
    if (!found.places.empty()) return found;
    if (any_target) {
        throw error(errc::host_not_found,
                    fmt::format("{}; no record can be used: port 0 is none", found.account));
    }
    // Whom the other service could not be asked of may have it still.
    if (any_failed(answers)) {
        throw error(errc::host_not_found,
                    fmt::format("{}; try again later, or name the service", found.account));
    }
    if (any_record) throw error(errc::no_service, found.account);
    found.account += fmt::format("; so '{}' itself", domain);
    found.places.emplace_back(domain, starttls_port);
    return found;
}

}  // namespace xmpp::detail
