// Loaded before the real expat (LD_PRELOAD), it behaves as versions do that put off what they could
// report: until the bytes of an incomplete token have doubled, more bytes are only collected. With
// XMPP_TEST_EXPAT=stubborn that can't be switched off either.
#include <expat.h>

#include <cstddef>
#include <cstdlib>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace {

struct parser_state {
    bool defers = true;
    std::string collected;
    XML_Index given = 0;         // bytes that the real parser has
    std::size_t unfinished = 0;  // those of them that are no whole token yet
};

std::mutex states_guard;
std::map<XML_Parser, parser_state> states;

parser_state& state_of(XML_Parser parser) {
    const std::lock_guard lock(states_guard);
    return states[parser];
}

template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

XML_Index real_index(XML_Parser parser) {
    static const auto index = real<XML_Index(XML_Parser)>("XML_GetCurrentByteIndex");
    return index(parser);
}

bool stubborn() {
    const char* wanted = std::getenv("XMPP_TEST_EXPAT");
    return wanted != nullptr && std::string_view(wanted) == "stubborn";
}

}  // namespace

extern "C" {

XML_Bool XML_SetReparseDeferralEnabled(XML_Parser parser, XML_Bool enabled);

XML_Bool XML_SetReparseDeferralEnabled(XML_Parser parser, XML_Bool enabled) {
    if (stubborn()) return XML_FALSE;
    state_of(parser).defers = enabled != XML_FALSE;
    return XML_TRUE;
}

XML_Status XML_Parse(XML_Parser parser, const char* bytes, int size, int last) {
    static const auto parse = real<XML_Status(XML_Parser, const char*, int, int)>("XML_Parse");
    auto& state = state_of(parser);
    state.collected.append(bytes, static_cast<std::size_t>(size));
    const bool enough = state.unfinished + state.collected.size() >= 2 * state.unfinished;
    if (state.defers && last == 0 && !enough) return XML_STATUS_OK;
    const auto all = std::exchange(state.collected, {});
    state.given += static_cast<XML_Index>(all.size());
    const auto status = parse(parser, all.data(), static_cast<int>(all.size()), last);
    const auto index = real_index(parser);
    state.unfinished = static_cast<std::size_t>(state.given - (index < 0 ? 0 : index));
    return status;
}

XML_Bool XML_ParserReset(XML_Parser parser, const char* encoding) {
    static const auto reset = real<XML_Bool(XML_Parser, const char*)>("XML_ParserReset");
    state_of(parser) = {};
    return reset(parser, encoding);
}

void XML_ParserFree(XML_Parser parser) {
    static const auto free_parser = real<void(XML_Parser)>("XML_ParserFree");
    {
        const std::lock_guard lock(states_guard);
        states.erase(parser);
    }
    free_parser(parser);
}

/// Real versions forget where they are while they collect.
XML_Index XML_GetCurrentByteIndex(XML_Parser parser) {
    return state_of(parser).collected.empty() ? real_index(parser) : -1;
}

}  // extern "C"
