#include "support/dns_responder.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <system_error>
#include <utility>

namespace xmpp::test {

using asio::ip::tcp;
using asio::ip::udp;
using trouble = dns_reply::trouble;

namespace {

constexpr unsigned class_internet = 1;
constexpr unsigned type_cname = 5;
constexpr unsigned type_soa = 6;
constexpr std::size_t header_size = 12;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

unsigned number_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes.at(at)) << 8 |
           static_cast<unsigned char>(bytes.at(at + 1));
}

dns_question read_question(std::string_view bytes) {
    dns_question question;
    auto at = header_size;
    while (const auto size = static_cast<unsigned char>(bytes.at(at))) {
        if (!question.name.empty()) question.name += '.';
        question.name += lower(bytes.substr(at + 1, size));
        at += size + 1u;
    }
    question.type = number_at(bytes, at + 1);
    return question;
}

}  // namespace

dns_writer& dns_writer::number16(unsigned value) {
    bytes_ += static_cast<char>(value >> 8 & 0xFF);
    bytes_ += static_cast<char>(value & 0xFF);
    return *this;
}

dns_writer& dns_writer::number32(std::uint32_t value) {
    return number16(value >> 16).number16(value & 0xFFFF);
}

dns_writer& dns_writer::name(std::string_view name) {
    while (!name.empty() && name != ".") {
        const auto label = name.substr(0, name.find('.'));
        bytes_ += static_cast<char>(label.size());
        bytes_ += label;
        name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    bytes_ += '\0';
    return *this;
}

dns_writer& dns_writer::raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
}

dns_reply& dns_reply::record(unsigned type, const std::string& data) {
    answers_.push_back({owner_, type, ttl_, data});
    return *this;
}

dns_reply& dns_reply::srv(unsigned priority, unsigned weight, unsigned port,
                          std::string_view target) {
    dns_writer data;
    data.number16(priority).number16(weight).number16(port).name(target);
    return record(dns_responder::type_srv, data.bytes());
}

dns_reply& dns_reply::a(std::string_view address) {
    const auto bytes = asio::ip::make_address_v4(std::string(address)).to_bytes();
    return record(dns_responder::type_a, std::string(bytes.begin(), bytes.end()));
}

dns_reply& dns_reply::aaaa(std::string_view address) {
    const auto bytes = asio::ip::make_address_v6(std::string(address)).to_bytes();
    return record(dns_responder::type_aaaa, std::string(bytes.begin(), bytes.end()));
}

dns_reply& dns_reply::cname(std::string_view other) {
    record(type_cname, dns_writer().name(other).bytes());
    owner_ = other;
    return *this;
}

dns_reply& dns_reply::as(std::string_view owner) {
    owner_ = owner;
    return *this;
}

dns_reply& dns_reply::soa(std::uint32_t seconds) {
    dns_writer data;
    data.name("ns.test").name("admin.test");
    for (int i = 0; i < 5; ++i) data.number32(i < 4 ? 3'600 : seconds);
    authorities_.push_back({"test", type_soa, seconds, data.bytes()});
    return *this;
}

dns_reply& dns_reply::code(unsigned rcode) {
    code_ = rcode;
    return *this;
}

dns_reply& dns_reply::ttl(std::uint32_t seconds) {
    ttl_ = seconds;
    return *this;
}

dns_reply& dns_reply::with(trouble kind) {
    trouble_ = kind;
    return *this;
}

std::string dns_reply::message(unsigned id, const dns_question& question, bool truncated) const {
    constexpr unsigned response = 0x8180;  // an answer, with recursion
    constexpr unsigned truncation = 0x0200;
    dns_writer to;
    const bool strange = trouble_ == trouble::garbage || trouble_ == trouble::name_loop;
    const auto answers = truncated ? 0 : answers_.size() + (strange ? 1 : 0);
    to.number16(id).number16(response | code_ | (truncated ? truncation : 0));
    to.number16(1).number16(static_cast<unsigned>(answers));
    to.number16(static_cast<unsigned>(truncated ? 0 : authorities_.size())).number16(0);
    to.name(question.name).number16(question.type).number16(class_internet);
    if (truncated) return to.bytes();
    if (trouble_ == trouble::garbage) return to.raw("\x3FThis is no record").bytes();
    if (trouble_ == trouble::name_loop) {
        const auto here = static_cast<unsigned>(to.bytes().size());
        return to.number16(0xC000 | here).number16(question.type).raw("lots of rubbish").bytes();
    }
    for (const auto* section : {&answers_, &authorities_}) {
        for (const auto& each : *section) {
            to.name(each.owner.empty() ? question.name : each.owner);
            to.number16(each.type).number16(class_internet).number32(each.ttl);
            to.number16(static_cast<unsigned>(each.data.size())).raw(each.data);
        }
    }
    return to.bytes();
}

class dns_responder::state : public std::enable_shared_from_this<state> {
 public:
    explicit state(asio::io_context& context)
        : udp_(context, udp::endpoint(asio::ip::address_v4::loopback(), 0)),
          stranger_(context, udp::endpoint(asio::ip::address_v4::loopback(), 0)),
          acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), port())) {}

    unsigned short port() const { return udp_.local_endpoint().port(); }

    void receive() {
        udp_.async_receive_from(
            asio::buffer(buffer_), sender_,
            [self = shared_from_this()](std::error_code failure, std::size_t size) {
                if (failure == asio::error::operation_aborted) return;
                if (!failure) self->reply_by_udp({self->buffer_.data(), size});
                self->receive();
            });
    }

    void accept() {
        acceptor_.async_accept(
            [self = shared_from_this()](std::error_code failure, tcp::socket peer) {
                if (failure) return;
                self->read_by_tcp(std::make_shared<tcp::socket>(std::move(peer)));
                self->accept();
            });
    }

    void close() {
        std::error_code ignored;
        udp_.close(ignored);
        acceptor_.close(ignored);
    }

    std::map<std::pair<std::string, unsigned>, dns_reply> replies;
    std::vector<dns_question> questions;

 private:
    const dns_reply& reply_to(const dns_question& question) {
        static const auto unknown = dns_reply().code(3);
        questions.push_back(question);
        const auto found = replies.find({question.name, question.type});
        return found == replies.end() ? unknown : found->second;
    }

    void reply_by_udp(std::string_view bytes) {
        const auto id = number_at(bytes, 0);
        const auto question = read_question(bytes);
        const auto& reply = reply_to(question);
        const auto forged = dns_reply().srv(0, 0, 1, "forged.test").a("127.0.0.66");
        if (reply.kind() == trouble::silence) return;
        if (reply.kind() == trouble::wrong_id) send(udp_, forged.message(id ^ 1, question));
        if (reply.kind() == trouble::other_port) send(stranger_, forged.message(id, question));
        if (reply.kind() == trouble::wrong_question) {
            auto other = question;
            other.name = "other.test";
            send(udp_, forged.message(id, other));
        }
        send(udp_, reply.message(id, question, reply.kind() == trouble::truncated));
    }

    void send(udp::socket& from, const std::string& bytes) {
        std::error_code ignored;  // who asked may have gone
        from.send_to(asio::buffer(bytes), sender_, 0, ignored);
    }

    void read_by_tcp(std::shared_ptr<tcp::socket> peer) {
        auto size = std::make_shared<std::array<char, 2>>();
        asio::async_read(
            *peer, asio::buffer(*size),
            [self = shared_from_this(), peer, size](std::error_code failure, std::size_t) {
                if (failure) return;
                auto text =
                    std::make_shared<std::string>(number_at({size->data(), size->size()}, 0), '\0');
                asio::async_read(*peer, asio::buffer(*text),
                                 [self, peer, text](std::error_code cut, std::size_t) {
                                     if (!cut) self->reply_by_tcp(*peer, *text);
                                 });
            });
    }

    void reply_by_tcp(tcp::socket& peer, std::string_view bytes) {
        auto question = read_question(bytes);
        question.tcp = true;
        const auto message = reply_to(question).message(number_at(bytes, 0), question);
        dns_writer framed;
        framed.number16(static_cast<unsigned>(message.size())).raw(message);
        std::error_code ignored;
        asio::write(peer, asio::buffer(framed.bytes()), ignored);
    }

    udp::socket udp_;
    udp::socket stranger_;
    tcp::acceptor acceptor_;
    udp::endpoint sender_;
    std::array<char, 2048> buffer_{};
};

dns_responder::dns_responder(asio::io_context& context) {
    // The port that the system gave for UDP may be taken for TCP.
    for (int attempts = 0; !state_; ++attempts) {
        try {
            state_ = std::make_shared<state>(context);
        } catch (const std::system_error&) {
            if (attempts == 20) throw;
        }
    }
    state_->receive();
    state_->accept();
}

dns_responder::~dns_responder() {
    state_->close();
}

std::string dns_responder::address() const {
    return fmt::format("127.0.0.1:{}", state_->port());
}

void dns_responder::answer(std::string_view name, unsigned type, dns_reply reply) {
    state_->replies.insert_or_assign(std::pair(lower(name), type), std::move(reply));
}

const std::vector<dns_question>& dns_responder::questions() const noexcept {
    return state_->questions;
}

int dns_responder::times(std::string_view name, unsigned type) const {
    return static_cast<int>(std::count_if(
        state_->questions.begin(), state_->questions.end(),
        [&](const auto& each) { return each.name == lower(name) && each.type == type; }));
}

}  // namespace xmpp::test
