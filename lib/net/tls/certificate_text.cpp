#include "net/tls/certificate_text.hpp"

#include "net/tls/openssl_ptr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <string_view>

namespace xmpp::detail {
namespace {

constexpr int most_names = 12;
constexpr std::size_t longest_text = 128;

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, longest_text)) {
        if (c >= ' ' && c <= '~') {
            out += c;
        } else {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        }
    }
    if (text.size() > longest_text) out += "...";
    return out;
}

std::string_view bytes_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string text_of(const X509_NAME* name) {
    const bio_ptr out(BIO_new(BIO_s_mem()));
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return "?";
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return printable(std::string_view(data, static_cast<std::size_t>(std::max(size, 0L))));
}

std::string text_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return "?";
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string address_of(std::string_view bytes) {
    std::string out;
    const bool v4 = bytes.size() == 4;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (i > 0 && (v4 || i % 2 == 0)) out += v4 ? '.' : ':';
        out += v4 ? fmt::format("{}", byte) : fmt::format("{:02x}", byte);
    }
    return out;
}

std::string names_of(const X509& certificate) {
    const general_names_ptr names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::string out;
    int count = 0;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int type = 0;
        const auto* value = static_cast<const ASN1_STRING*>(
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
        if (type != GEN_DNS && type != GEN_IPADD) continue;
        if (++count > most_names) return out + ", ...";
        if (!out.empty()) out += ", ";
        out += type == GEN_DNS ? "DNS " + printable(bytes_of(value))
                               : "IP " + address_of(bytes_of(value).substr(0, 16));
    }
    return out.empty() ? fmt::format("no host (its subject is {})", subject_of(certificate)) : out;
}

}  // namespace

std::string describe_certificate(const X509& certificate) {
    return fmt::format("names {}, was issued by '{}' and is valid from {} to {} UTC",
                       names_of(certificate), text_of(X509_get_issuer_name(&certificate)),
                       text_of(X509_get0_notBefore(&certificate)),
                       text_of(X509_get0_notAfter(&certificate)));
}

std::string subject_of(const X509& certificate) {
    return fmt::format("'{}'", text_of(X509_get_subject_name(&certificate)));
}

}  // namespace xmpp::detail
