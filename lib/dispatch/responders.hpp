#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/handler.hpp>
#include <xmpp/stanza.hpp>
#include <xmpp/task.hpp>

#include "dispatch/receipt.hpp"
#include "dispatch/stanza_queue.hpp"

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

    /// `limit`: of the requests that may be worked on at once; beyond it they are answered with
    /// resource-constraint.
    responders(asio::any_io_executor executor, stanza_queue::bound limit);

    void set(handler_id id, std::string child_name, std::string ns, function responder);
    /// Whatever it works on is still answered.
    void remove(handler_id id);
    void clear() { functions_.clear(); }
    /// What is answered: names and namespaces of payloads.
    std::vector<std::pair<std::string, std::string>> payloads() const;

    /// Starts to answer; false when nobody is there for this payload. `reply` is called once, with
    /// a result or an error; `failed` when the responder threw what the requester is not told.
    /// `open` is held until then.
    bool answer(const stanza& request, const receipt& open, reply_function reply,
                failure_function failed);

 private:
    asio::any_io_executor executor_;
    stanza_queue::bound limit_;
    std::shared_ptr<stanza_queue::bound> running_ = std::make_shared<stanza_queue::bound>();
    struct entry {
        handler_id id;
        std::shared_ptr<function> responder;  // shared: it may be replaced while it runs
    };
    std::map<std::pair<std::string, std::string>, entry, std::less<>> functions_;
};

}  // namespace xmpp::detail
