#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// The functions that answer IQ requests, found by the request's payload. Each request is answered
/// by a coroutine of its own, so that one that takes its time holds up none of the others.
class responders {
 public:
    using function = std::function<task<builder>(stanza)>;
    using reply_function = std::function<void(builder)>;
    using failure_function = std::function<void(const std::exception_ptr&)>;

    /// `limit`: requests that may be worked on at once; more are answered with
    /// resource-constraint.
    responders(asio::any_io_executor executor, std::size_t limit);

    void set(std::string child_name, std::string ns, function responder);
    void clear() { functions_.clear(); }
    /// What is answered: names and namespaces of payloads.
    std::vector<std::pair<std::string, std::string>> payloads() const;

    /// Starts to answer; false when nobody is there for this payload. `reply` is called once, with
    /// a result or an error; `failed` when the responder threw what the requester is not told.
    bool answer(const stanza& request, reply_function reply, failure_function failed);

 private:
    asio::any_io_executor executor_;
    std::size_t limit_;
    std::shared_ptr<std::size_t> running_ = std::make_shared<std::size_t>(0);
    // In a shared_ptr: a responder may be replaced while it runs.
    std::map<std::pair<std::string, std::string>, std::shared_ptr<function>, std::less<>>
        functions_;
};

}  // namespace xmpp::detail
