#include <xmpp/stanza.hpp>
#include <xmpp/stx.hpp>

#include <optional>
#include <string>
#include <vector>

// One case at a time is compiled, chosen by a macro; but for the control, each has one mistake.

struct unprintable {};

xmpp::builder build([[maybe_unused]] const std::string& text,
                    [[maybe_unused]] const xmpp::stanza& received) {
    using xmpp::stx;
#if defined(CASE_CONTROL)
    const std::vector<std::optional<xmpp::builder>> items;
    return stx(
        "<message to='{}' type={} xml:lang=\"en\"><body>{{{}}} &lt;&#65;</body>{}{}<x/></message >",
        text, 5, text, received, items);
#elif defined(CASE_NO_ROOT)
    return stx("{}", text);
#elif defined(CASE_TWO_ROOTS)
    return stx("<a>{}</a><b/>", text);
#elif defined(CASE_NOT_CLOSED)
    return stx("<a><b>{}</b>", text);
#elif defined(CASE_MISMATCHED_END_TAG)
    return stx("<a>{}</b>", text);
#elif defined(CASE_CROSSED_TAGS)
    return stx("<a><b>{}</a></b>", text);
#elif defined(CASE_BAD_NAME)
    return stx("<1a>{}</1a>", text);
#elif defined(CASE_PREFIX)
    return stx("<x:a>{}</x:a>", text);
#elif defined(CASE_NO_SPACE)
    return stx("<a b='1'c='{}'/>", text);
#elif defined(CASE_NO_VALUE)
    return stx("<a b c='{}'/>", text);
#elif defined(CASE_UNQUOTED_VALUE)
    return stx("<a b=1 c='{}'/>", text);
#elif defined(CASE_OPEN_QUOTE)
    return stx("<a b='{}/>", text);
#elif defined(CASE_DUPLICATE_ATTRIBUTE)
    return stx("<a b='{}' c='' b=''/>", text);
#elif defined(CASE_LESS_THAN_IN_VALUE)
    return stx("<a b='<{}'/>", text);
#elif defined(CASE_UNKNOWN_ENTITY)
    return stx("<a>&nbsp;{}</a>", text);
#elif defined(CASE_REFERENCE_TO_NUL)
    return stx("<a>&#0;{}</a>", text);
#elif defined(CASE_COMMENT)
    return stx("<a><!-- {} --></a>", text);
#elif defined(CASE_DOCTYPE)
    return stx("<!DOCTYPE a><a>{}</a>", text);
#elif defined(CASE_CDATA_END)
    return stx("<a>]]>{}</a>", text);
#elif defined(CASE_CONTROL_CHARACTER)
    return stx("<a>\x01{}</a>", text);
#elif defined(CASE_INVALID_UTF8)
    return stx("<a>caf\xE9{}</a>", text);
#elif defined(CASE_HOLE_IN_ELEMENT_NAME)
    return stx("<{}/>", text);
#elif defined(CASE_HOLE_IN_ATTRIBUTE_NAME)
    return stx("<a b{}=''/>", text);
#elif defined(CASE_NAMED_HOLE)
    return stx("<a>{0}</a>", text);
#elif defined(CASE_SINGLE_BRACE)
    return stx("<a>{}}</a>", text);
#elif defined(CASE_TOO_FEW_ARGUMENTS)
    return stx("<a b='{}'>{}</a>", text);
#elif defined(CASE_TOO_MANY_ARGUMENTS)
    return stx("<a>{}</a>", text, text);
#elif defined(CASE_BUILDER_IN_ATTRIBUTE)
    return stx("<a b='{}'/>", xmpp::builder("c"));
#elif defined(CASE_STANZA_IN_ATTRIBUTE)
    return stx("<a b={}/>", received);
#elif defined(CASE_RANGE_IN_ATTRIBUTE)
    return stx("<a b='{}'/>", std::optional<std::vector<std::string>>());
#elif defined(CASE_NOT_A_LITERAL)
    const char text_template[] = {'<', 'a', '/', text.empty() ? '>' : ' ', '\0'};
    return stx(text_template);
#elif defined(CASE_UNPRINTABLE)
    return stx("<a>{}</a>", unprintable());
#endif
}
