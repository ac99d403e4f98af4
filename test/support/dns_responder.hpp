#pragma once

#include <asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::test {

/// The bytes of a DNS message, written by hand (RFC 1035 4.1).
class dns_writer {
 public:
    dns_writer& number16(unsigned value);
    dns_writer& number32(std::uint32_t value);
    dns_writer& name(std::string_view name);  ///< "." for the root; no pointers
    dns_writer& raw(std::string_view bytes);

    const std::string& bytes() const noexcept { return bytes_; }

 private:
    std::string bytes_;
};

/// A question that came in.
struct dns_question {
    std::string name;  ///< in lower case, without a final dot
    unsigned type = 0;
    bool tcp = false;
};

/// What comes back. Every setter returns the object.
class dns_reply {
 public:
    enum class trouble {
        none,
        silence,         ///< no answer
        truncated,       ///< by UDP; complete by TCP
        wrong_id,        ///< first an answer with another id, then the right one
        wrong_question,  ///< first an answer to another question, then the right one
        other_port,      ///< first a forged answer from another port, then the right one
        garbage,         ///< bytes without a meaning behind the header and the question
        name_loop,       ///< a name that points at itself
    };

    dns_reply& srv(unsigned priority, unsigned weight, unsigned port, std::string_view target);
    dns_reply& a(std::string_view address);
    dns_reply& aaaa(std::string_view address);
    /// The name is an alias; what is added afterwards belongs to the other name.
    dns_reply& cname(std::string_view other);
    /// What is added afterwards belongs to this name, whatever was asked for.
    dns_reply& as(std::string_view owner);
    /// What a negative answer may be kept for.
    dns_reply& soa(std::uint32_t seconds);
    dns_reply& code(unsigned rcode);  ///< 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED
    /// Of the records that follow. Default 0: not to be kept.
    dns_reply& ttl(std::uint32_t seconds);
    dns_reply& with(trouble kind);

    trouble kind() const noexcept { return trouble_; }
    std::string message(unsigned id, const dns_question& question, bool truncated = false) const;

 private:
    dns_reply& record(unsigned type, const std::string& data);

    std::string owner_;  // empty: the name that was asked for
    std::uint32_t ttl_ = 0;
    unsigned code_ = 0;
    trouble trouble_ = trouble::none;
    struct entry {
        std::string owner;
        unsigned type;
        std::uint32_t ttl;
        std::string data;
    };
    std::vector<entry> answers_;
    std::vector<entry> authorities_;
};

/// A name server on a free port of 127.0.0.1, by UDP and TCP, that answers as it is told, also
/// badly. What it was not told about is NXDOMAIN.
class dns_responder {
 public:
    explicit dns_responder(asio::io_context& context);
    ~dns_responder();
    dns_responder(const dns_responder&) = delete;
    dns_responder& operator=(const dns_responder&) = delete;

    /// "127.0.0.1:5353", for options::name_servers.
    std::string address() const;

    static constexpr unsigned type_a = 1;
    static constexpr unsigned type_aaaa = 28;
    static constexpr unsigned type_srv = 33;

    /// From now on.
    void answer(std::string_view name, unsigned type, dns_reply reply);
    /// All questions so far, in their order.
    const std::vector<dns_question>& questions() const noexcept;
    /// How often that was asked.
    int times(std::string_view name, unsigned type) const;

 private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace xmpp::test
