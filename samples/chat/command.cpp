#include "command.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chat {
namespace {

enum class wants { nothing, maybe_who, who, who_and_text, maybe_text, text };

struct syntax {
    action what;
    std::string_view name;
    wants arguments;
    std::string_view usage;
    std::string_view meaning;
};

constexpr std::array commands{
    syntax{action::roster, "/roster", wants::nothing, "/roster", "who is there, with numbers"},
    syntax{action::to, "/to", wants::who, "/to WHO",
           "whom your lines go to: a number, a name or an address"},
    syntax{action::msg, "/msg", wants::who_and_text, "/msg WHO TEXT",
           "one message to somebody else (a name with spaces goes in \"quotes\")"},
    syntax{action::status, "/status", wants::maybe_text, "/status [STATE] [TEXT]",
           "tell your contacts: online, chat, away, xa or dnd, and why"},
    syntax{action::subscribe, "/subscribe", wants::who, "/subscribe ADDRESS",
           "add a contact and ask to see their presence"},
    syntax{action::accept, "/accept", wants::maybe_who, "/accept [WHO]",
           "let somebody who asked see your presence"},
    syntax{action::decline, "/decline", wants::maybe_who, "/decline [WHO]", "or don't"},
    syntax{action::remove, "/remove", wants::who, "/remove WHO", "remove a contact"},
    syntax{action::ping, "/ping", wants::maybe_who, "/ping [WHO]",
           "how long the server, or somebody, takes to answer"},
    syntax{action::raw, "/raw", wants::text, "/raw XML", "send a stanza of your own"},
    syntax{action::xml, "/xml", wants::maybe_text, "/xml [on|off]", "show what goes over the wire"},
    syntax{action::help, "/help", wants::nothing, "/help", "this list"},
    syntax{action::quit, "/quit", wants::nothing, "/quit", "leave; Ctrl-C and Ctrl-D do too"},
};

std::string_view trimmed(std::string_view text) noexcept {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Takes the first word, which may be quoted, off the front.
std::string_view take_word(std::string_view& text) noexcept {
    std::string_view word;
    if (const auto closing = text.find('"', 1); text.starts_with('"') && closing != text.npos) {
        word = text.substr(1, closing - 1);
        text.remove_prefix(closing + 1);
    } else {
        word = text.substr(0, text.find_first_of(" \t"));
        text.remove_prefix(word.size());
    }
    text = trimmed(text);
    return word;
}

command mistaken_use(const syntax& known) {
    return command(action::mistake, {}, "it goes like this: " + std::string(known.usage));
}

command parse_arguments(const syntax& known, std::string_view arguments) {
    std::string_view who;
    switch (known.arguments) {
        case wants::nothing:
            if (!arguments.empty()) return mistaken_use(known);
            break;
        case wants::maybe_who:
        case wants::who: {
            // A single argument may have spaces in it without quotes.
            auto rest = arguments;
            who = arguments.starts_with('"') ? take_word(rest) : std::exchange(rest, {});
            if (!rest.empty() || (who.empty() && known.arguments == wants::who))
                return mistaken_use(known);
            return command(known.what, std::string(who));
        }
        case wants::who_and_text:
            who = take_word(arguments);
            if (who.empty() || arguments.empty()) return mistaken_use(known);
            break;
        case wants::text:
            if (arguments.empty()) return mistaken_use(known);
            break;
        case wants::maybe_text:
            break;
    }
    return command(known.what, std::string(who), std::string(arguments));
}

}  // namespace

command parse_command(std::string_view line) {
    const auto text = trimmed(line);
    if (text.empty()) return command(action::nothing);
    if (text.starts_with("//")) return command(action::say, {}, std::string(text.substr(1)));
    if (!text.starts_with('/')) return command(action::say, {}, std::string(line));

    auto arguments = text;
    const auto name = take_word(arguments);
    const auto* known = std::find_if(commands.begin(), commands.end(),
                                     [&](const syntax& each) { return each.name == name; });
    if (known == commands.end())
        return command(action::mistake, {},
                       "there is no " + std::string(name) + "; /help lists the commands");
    return parse_arguments(*known, arguments);
}

std::vector<command_help> all_commands() {
    std::vector<command_help> all;
    for (const auto& each : commands) all.emplace_back(each.usage, each.meaning);
    return all;
}

std::vector<std::string> command_completions(std::string_view text) {
    std::vector<std::string> names;
    for (const auto& each : commands) {
        if (each.name.starts_with(text)) names.emplace_back(each.name);
    }
    return names;
}

}  // namespace chat
