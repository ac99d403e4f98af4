#pragma once

#include "line_history.hpp"
#include "line_rules.hpp"

#include <histedit.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace terminal {

/// A line that is typed at the bottom of a terminal, and taken away while something is printed.
///
/// libedit edits and draws; this class reads nothing by itself: it is fed with what was typed, and
/// never waits. Standard input must be a terminal that can move its cursor.
class line_editor {
 public:
    /// Puts the terminal into its editing mode; the destructor puts it back. libedit knows the
    /// program by that name.
    explicit line_editor(const std::string& program);
    line_editor(const line_editor&) = delete;
    line_editor& operator=(const line_editor&) = delete;
    ~line_editor();

    /// Must be safe for a terminal. Shown at the next show().
    void set_prompt(std::string_view text);
    /// What Tab puts in, from the text before the cursor.
    void on_completion(std::function<completion(std::string_view before_cursor)> complete);
    /// What is shown when there are several completions.
    void on_candidates(std::function<void(const std::vector<std::string>&)> show);

    /// Takes prompt and line off the screen, and puts them back below what was printed meanwhile.
    void hide();
    void show();

    /// Takes what was typed. A line that Enter has ended is off the screen afterwards; show()
    /// begins the next one.
    void feed(std::string_view typed);
    /// The oldest line that Enter has ended.
    std::optional<std::string> take_line();
    /// Ctrl-D was typed on an empty line.
    bool ended() const noexcept { return ended_; }
    bool shown() const noexcept { return shown_; }

    /// To be called when the terminal has another size, or when the program goes on after a stop.
    void refresh_terminal();

    line_history& history() noexcept { return history_; }

 private:
    struct end_editing {
        void operator()(EditLine* editor) const noexcept;
    };
    static int next_character(EditLine* editor, wchar_t* character);
    static wchar_t* prompt(EditLine* editor);

    void press(std::string_view key);
    void edit(std::string_view key);
    void enter();
    void complete_word();
    void replace_line(std::optional<std::string> text);
    std::wstring before_cursor() const;
    std::string line() const;

    std::unique_ptr<EditLine, end_editing> editor_;
    std::wstring prompt_;
    std::function<completion(std::string_view)> complete_;
    std::function<void(const std::vector<std::string>&)> show_candidates_;
    line_history history_;
    std::string typed_;               // the beginning of a key
    std::deque<wchar_t> characters_;  // for libedit to read
    std::deque<std::string> lines_;
    bool ended_ = false;
    bool shown_ = false;
};

}  // namespace terminal
