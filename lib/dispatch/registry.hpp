#pragma once

#include <xmpp/handler.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace xmpp::detail {

/// What a program has registered, in the order of registration. `Entry` is a function, with what
/// selects it if need be.
///
/// A function may do anything while it is called: remove itself or others, register more, or
/// destroy whatever holds the registry.
template <class Entry>
class registry {
 public:
    void add(handler_id id, Entry added) {
        slots_.push_back(std::make_shared<slot>(slot{id, std::move(added)}));
    }
    /// Effective at once, also inside for_each(). Ids that are not here are ignored.
    void remove(handler_id id) {
        std::erase_if(slots_, [id](const std::shared_ptr<slot>& each) {
            if (each->id == id) each->removed = true;
            return each->removed;
        });
    }
    void clear() {
        for (const auto& each : slots_) each->removed = true;
        slots_.clear();
    }
    bool empty() const noexcept { return slots_.empty(); }

    /// Calls `use` with each entry. What is added meanwhile waits for the next time.
    template <class Use>
    void for_each(Use use) const {
        const auto present = slots_;
        for (const auto& each : present) {
            if (!each->removed) use(each->entry);
        }
    }

 private:
    struct slot {
        handler_id id;
        Entry entry;
        bool removed = false;
    };

    std::vector<std::shared_ptr<slot>> slots_;
};

}  // namespace xmpp::detail
