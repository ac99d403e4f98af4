#include "sasl/saslprep.hpp"

#include <xmpp/error.hpp>

#include <algorithm>

#ifdef XMPP_HAVE_ICU
#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include <limits>
#include <memory>
#include <vector>
#endif

namespace xmpp::detail::sasl {
namespace {

[[noreturn]] void refuse_text(const char* why) {
    throw error(errc::prohibited_string,
                std::string("the user name or password ") + why + " (RFC 4013)");
}

#ifdef XMPP_HAVE_ICU

/// Room for UTF-16 that is wiped afterwards.
class code_units {
 public:
    explicit code_units(std::size_t size) : units_(size) {}
    code_units(const code_units&) = delete;
    code_units& operator=(const code_units&) = delete;
    ~code_units() { wipe(units_.data(), units_.size() * sizeof(char16_t)); }

    char16_t* data() { return units_.data(); }
    std::int32_t size() const { return static_cast<std::int32_t>(units_.size()); }

 private:
    std::vector<char16_t> units_;
};

const UStringPrepProfile* profile() {
    struct closer {
        void operator()(UStringPrepProfile* p) const { usprep_close(p); }
    };
    static const std::unique_ptr<UStringPrepProfile, closer> shared = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<UStringPrepProfile, closer> opened(
            usprep_openByType(USPREP_RFC4013_SASLPREP, &status));
        if (U_FAILURE(status)) {
            throw error(errc::not_supported,
                        std::string("ICU has no SASLprep data: ") + u_errorName(status));
        }
        return opened;
    }();
    return shared.get();
}

secret prepare_unicode(std::string_view text) {
    // NFKC makes at most 18 code units of one.
    constexpr std::size_t growth = 18;
    if (text.size() > std::numeric_limits<std::int16_t>::max()) refuse_text("is too long");

    code_units source(text.size());
    std::int32_t source_size = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(source.data(), source.size(), &source_size, text.data(),
                  static_cast<std::int32_t>(text.size()), &status);
    if (U_FAILURE(status)) refuse_text("is not valid UTF-8");

    code_units prepared(text.size() * growth);
    UParseError where{};
    const auto prepared_size =
        usprep_prepare(profile(), source.data(), source_size, prepared.data(), prepared.size(),
                       USPREP_ALLOW_UNASSIGNED, &where, &status);
    if (status == U_STRINGPREP_CHECK_BIDI_ERROR) refuse_text("mixes writing directions");
    if (U_FAILURE(status)) refuse_text("contains a prohibited character");

    std::string utf8(static_cast<std::size_t>(prepared_size) * 3, '\0');
    std::int32_t utf8_size = 0;
    u_strToUTF8(utf8.data(), static_cast<std::int32_t>(utf8.size()), &utf8_size, prepared.data(),
                prepared_size, &status);
    if (U_FAILURE(status)) refuse_text("is not valid Unicode");
    secret result(std::string_view(utf8).substr(0, static_cast<std::size_t>(utf8_size)));
    wipe(utf8);
    return result;
}

#else

[[noreturn]] secret prepare_unicode(std::string_view) {
    throw error(errc::not_supported,
                "user names and passwords beyond ASCII need a build with ICU (-Dicu=enabled)");
}

#endif

}  // namespace

secret saslprep(std::string_view text) {
    const auto is_ascii = [](unsigned char c) { return c < 0x80; };
    if (!std::all_of(text.begin(), text.end(), is_ascii)) return prepare_unicode(text);

    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(text.begin(), text.end(), is_control))
        refuse_text("contains a control character");
    return secret(text);
}

}  // namespace xmpp::detail::sasl
