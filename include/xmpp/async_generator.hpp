#pragma once

#include <xmpp/error.hpp>
#include <xmpp/task.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace xmpp {
namespace detail {

/// What an async_generator pulls from: a queue of the session, or a coroutine with co_yield.
template <class T>
class generator_source {
 public:
    generator_source() = default;
    generator_source(const generator_source&) = delete;
    generator_source& operator=(const generator_source&) = delete;
    virtual ~generator_source() = default;

    virtual task<std::optional<T>> next() = 0;
    /// The consumer is gone. Called once, where the generator is dropped.
    virtual void drop() noexcept {}

    bool pulled = false;  // a next() is under way
};

template <class T>
class coroutine_source;

/// Promise of a coroutine that returns async_generator<T>.
///
/// A task that the body awaits is handed to the consumer's next(), which awaits it in the body's
/// stead: it has the consumer's executor and cancellation, nothing is spawned, and the frames nest
/// as those of ordinary coroutines do, so that destroying the context destroys them all.
template <class T>
class generator_promise {
    template <class U>
    class awaiter;

 public:
    auto get_return_object() {
        return std::make_shared<coroutine_source<T>>(
            std::coroutine_handle<generator_promise>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    std::suspend_always yield_value(T value) {
        value_.emplace(std::move(value));
        return {};
    }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }

    template <class U>
    awaiter<U> await_transform(task<U> awaited) {
        return awaiter<U>(*this, std::move(awaited));
    }

 private:
    friend coroutine_source<T>;

    std::optional<T> value_;              // yielded, not yet taken
    std::optional<task<>> awaited_;       // what the body waits for
    std::exception_ptr awaited_failure_;  // how that ended
    std::exception_ptr failure_;          // what the body threw
};

template <class T>
template <class U>
class generator_promise<T>::awaiter {
    using result = std::conditional_t<std::is_void_v<U>, std::monostate, U>;

 public:
    awaiter(generator_promise& promise, task<U> awaited)
        : promise_(promise), awaited_(std::move(awaited)) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) {
        if constexpr (std::is_void_v<U>) {
            promise_.awaited_.emplace(std::move(awaited_));
        } else {
            promise_.awaited_.emplace(store(std::move(awaited_), &result_));
        }
    }
    U await_resume() {
        if (promise_.awaited_failure_) {
            std::rethrow_exception(std::exchange(promise_.awaited_failure_, nullptr));
        }
        if constexpr (!std::is_void_v<U>) return std::move(*result_);
    }

 private:
    static task<> store(task<U> awaited, std::optional<result>* into) {
        into->emplace(co_await std::move(awaited));
    }

    generator_promise& promise_;
    task<U> awaited_;
    std::optional<result> result_;
};

template <class T>
class coroutine_source final : public generator_source<T> {
 public:
    using handle = std::coroutine_handle<generator_promise<T>>;

    explicit coroutine_source(handle body) noexcept : body_(body) {}
    ~coroutine_source() override { body_.destroy(); }

    task<std::optional<T>> next() override {
        auto& body = body_.promise();
        while (!body_.done()) {
            body_.resume();
            if (body.value_) co_return std::exchange(body.value_, std::nullopt);
            if (!body.awaited_) continue;
            try {
                auto awaited = std::move(*body.awaited_);
                body.awaited_.reset();
                co_await std::move(awaited);
            } catch (...) {
                body.awaited_failure_ = std::current_exception();
            }
        }
        if (body.failure_) std::rethrow_exception(std::exchange(body.failure_, nullptr));
        co_return std::nullopt;
    }

 private:
    handle body_;
};

}  // namespace detail

/// An asynchronous sequence: `while (auto item = co_await generator.next()) ...`.
///
/// connect() and stanzas() return generators that are fed by the session. A coroutine may return
/// one too, and fill it with `co_yield`; it may `co_await` any xmpp::task. Such a body starts with
/// the first next() and runs only while one is pending.
///
/// Move-only, for one consumer. Dropping it ends the sequence and destroys a coroutine's locals; it
/// does not end the session that fed it.
template <class T>
class [[nodiscard]] async_generator {
 public:
    /// An ended sequence.
    async_generator() noexcept = default;
    explicit async_generator(std::shared_ptr<detail::generator_source<T>> source) noexcept
        : source_(std::move(source)) {}
    /// What a coroutine with co_yield returns.
    async_generator(std::shared_ptr<detail::coroutine_source<T>> body) noexcept  // NOLINT
        : source_(std::move(body)) {}
    async_generator(async_generator&& other) noexcept : source_(std::move(other.source_)) {}
    async_generator& operator=(async_generator&& other) noexcept {
        if (this != &other) {
            drop();
            source_ = std::move(other.source_);
        }
        return *this;
    }
    ~async_generator() { drop(); }

    /// The next item; nullopt when the sequence has ended.
    ///
    /// Throws what the producer threw, once, after which the sequence has ended; a second next()
    /// while one waits throws errc::concurrent_use. Cancelling it throws operation_aborted and
    /// loses no item of a sequence that the session feeds; in a coroutine, it cancels what the body
    /// awaits, and the body decides.
    task<std::optional<T>> next() { return pull(source_); }

 private:
    class pull_mark {
     public:
        explicit pull_mark(bool& mark) : mark_(mark) { mark_ = true; }
        ~pull_mark() { mark_ = false; }
        pull_mark(const pull_mark&) = delete;
        pull_mark& operator=(const pull_mark&) = delete;

     private:
        bool& mark_;
    };

    static task<std::optional<T>> pull(std::shared_ptr<detail::generator_source<T>> source) {
        if (!source) co_return std::nullopt;
        if (source->pulled) throw error(errc::concurrent_use, "one next() at a time");
        const pull_mark mark(source->pulled);
        auto item = co_await source->next();
        co_return item;
    }

    void drop() noexcept {
        if (auto source = std::move(source_)) source->drop();
    }

    std::shared_ptr<detail::generator_source<T>> source_;
};

}  // namespace xmpp

template <class T, class... Args>
struct std::coroutine_traits<xmpp::async_generator<T>, Args...> {
    using promise_type = xmpp::detail::generator_promise<T>;
};
