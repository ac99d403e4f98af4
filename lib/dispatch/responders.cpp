#include "dispatch/responders.hpp"

#include "base/spawn.hpp"

#include <exception>
#include <optional>

namespace xmpp::detail {
namespace {

/// RFC 6120 8.2.3: a request has exactly one child.
const element* payload_of(const stanza& request) {
    const auto children = request->children();
    return children.begin() == children.end() ? nullptr : &*children.begin();
}

task<> run(std::shared_ptr<responders::function> responder, stanza request, receipt open,
           responders::reply_function reply, responders::failure_function failed,
           std::shared_ptr<stanza_queue::bound> running) {
    std::optional<builder> answer;
    std::optional<stanza_error> refused;
    try {
        auto payload = co_await (*responder)(request);
        answer.emplace(result_reply(request, std::move(payload)));
    } catch (const stanza_error& thrown) {
        refused.emplace(thrown);
    } catch (...) {
        // Whatever it was is ours to know, not the requester's.
        refused.emplace("internal-server-error");
        failed(std::current_exception());
    }
    --running->stanzas;
    running->bytes -= request.memory();
    if (refused) answer.emplace(error_reply(request, *refused));
    reply(std::move(*answer));
    open = receipt();
}

}  // namespace

responders::responders(asio::any_io_executor executor, stanza_queue::bound limit)
    : executor_(std::move(executor)), limit_(limit) {}

void responders::set(handler_id id, std::string child_name, std::string ns, function responder) {
    functions_[{std::move(child_name), std::move(ns)}] = {
        id, std::make_shared<function>(std::move(responder))};
}

void responders::remove(handler_id id) {
    std::erase_if(functions_, [id](const auto& each) { return each.second.id == id; });
}

std::vector<std::pair<std::string, std::string>> responders::payloads() const {
    std::vector<std::pair<std::string, std::string>> names;
    names.reserve(functions_.size());
    for (const auto& [name, function] : functions_) names.push_back(name);
    return names;
}

bool responders::answer(const stanza& request, const receipt& open, reply_function reply,
                        failure_function failed) {
    if (functions_.empty()) return false;
    const element* payload = payload_of(request);
    if (!payload) return false;
    const auto found =
        functions_.find(std::pair(std::string(payload->name()), std::string(payload->ns())));
    if (found == functions_.end()) return false;
    const auto bytes = running_->bytes + request.memory();
    const bool full = running_->stanzas >= limit_.stanzas || bytes > limit_.bytes;
    if (full && running_->stanzas > 0) {
        reply(error_reply(request, stanza_error("resource-constraint")));
        return true;
    }
    ++running_->stanzas;
    running_->bytes = bytes;
    spawn(
        executor_,
        run(found->second.responder, request, open, std::move(reply), std::move(failed), running_),
        [](const std::exception_ptr&) {});
    return true;
}

}  // namespace xmpp::detail
