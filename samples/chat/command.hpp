#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chat {

enum class action {
    nothing,  ///< an empty line
    mistake,  ///< not understood: `text` says why
    say,      ///< a message to the contact that is chosen
    help,
    roster,
    to,
    msg,
    status,
    subscribe,
    accept,
    decline,
    remove,
    ping,
    raw,
    xml,
    quit,
};

/// What a line typed by the user asks for.
class command {
 public:
    explicit command(action what, std::string who = {}, std::string text = {})
        : what(what), who(std::move(who)), text(std::move(text)) {}

    action what;
    std::string who;   ///< the first word after the command, where it is a contact or a choice
    std::string text;  ///< the rest of the line
};

/// Lines that begin with a slash are commands, all others messages; "//x" says "/x".
command parse_command(std::string_view line);

/// One line for each command: how it is written, and what it does.
class command_help {
 public:
    command_help(std::string_view usage, std::string_view meaning)
        : usage(usage), meaning(meaning) {}
    std::string_view usage;
    std::string_view meaning;
};
std::vector<command_help> all_commands();

/// The commands that begin with `text`, slash included.
std::vector<std::string> command_completions(std::string_view text);

}  // namespace chat
