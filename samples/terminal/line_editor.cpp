#include "line_editor.hpp"

#include "line_rules.hpp"
#include "text.hpp"

#include <clocale>
#include <cstdio>
#include <langinfo.h>
#include <stdexcept>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace terminal {
namespace {

constexpr std::string_view enter_key = "\r";
constexpr std::string_view line_feed_key = "\n";
constexpr std::string_view tab_key = "\t";
constexpr std::string_view end_key = "\004";  // Ctrl-D

bool is_older_key(std::string_view key) noexcept {
    return key == "\020" || key == "\033[A" || key == "\033OA";  // Ctrl-P, up
}

bool is_newer_key(std::string_view key) noexcept {
    return key == "\016" || key == "\033[B" || key == "\033OB";  // Ctrl-N, down
}

/// Keys of libedit that would wait for more to be typed: searching, and taking the next literally.
bool would_wait(std::string_view key) noexcept {
    return key == "\022" || key == "\023" || key == "\026";  // Ctrl-R, Ctrl-S, Ctrl-V
}

/// libedit draws what the locale can say; where none is set, that would be ASCII.
void use_utf8() {
    std::setlocale(LC_CTYPE, "");
    if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::size_t terminal_columns() noexcept {
    winsize size{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

}  // namespace

void line_editor::end_editing::operator()(EditLine* editor) const noexcept {
    el_wset(editor, EL_UNBUFFERED, 0);
    el_end(editor);
}

line_editor::line_editor(const std::string& program) {
    use_utf8();
    editor_.reset(el_init(program.c_str(), stdin, stdout, stderr));
    if (!editor_) throw std::runtime_error("the line editor can't use this terminal");
    el_wset(editor_.get(), EL_CLIENTDATA, static_cast<void*>(this));
    el_wset(editor_.get(), EL_EDITOR, L"emacs");
    el_wset(editor_.get(), EL_PROMPT, &line_editor::prompt);
    el_wset(editor_.get(), EL_GETCFN, &line_editor::next_character);
    el_wset(editor_.get(), EL_UNBUFFERED, 1);  // draws the prompt
    shown_ = true;
}

line_editor::~line_editor() {
    hide();
}

void line_editor::set_prompt(std::string_view text) {
    prompt_ = to_wide(text);
}

void line_editor::on_completion(std::function<completion(std::string_view)> complete) {
    complete_ = std::move(complete);
}

void line_editor::on_candidates(std::function<void(const std::vector<std::string>&)> show) {
    show_candidates_ = std::move(show);
}

void line_editor::hide() {
    if (!std::exchange(shown_, false)) return;
    const auto row = cursor_row(prompt_, before_cursor(), terminal_columns());
    if (row > 0) std::fputs(("\033[" + std::to_string(row) + "A").c_str(), stdout);
    std::fputs("\r\033[J", stdout);
    std::fflush(stdout);
}

void line_editor::show() {
    if (std::exchange(shown_, true)) return;
    std::fflush(stdout);
    el_wset(editor_.get(), EL_REFRESH);
}

void line_editor::feed(std::string_view typed) {
    typed_ += typed;
    for (auto size = first_key(typed_); size > 0; size = first_key(typed_)) {
        const auto key = typed_.substr(0, size);
        typed_.erase(0, size);
        press(key);
    }
}

void line_editor::press(std::string_view key) {
    if (key == enter_key || key == line_feed_key) {
        enter();
    } else if (key == end_key && line().empty()) {
        ended_ = true;
    } else if (key == tab_key) {
        complete_word();
    } else if (is_older_key(key)) {
        replace_line(history_.older(line()));
    } else if (is_newer_key(key)) {
        replace_line(history_.newer());
    } else if (!would_wait(key)) {
        edit(key);
    }
}

void line_editor::edit(std::string_view key) {
    show();
    for (const auto character : to_wide(key)) characters_.push_back(character);
    while (!characters_.empty()) {
        int length = 0;
        el_wgets(editor_.get(), &length);
    }
}

void line_editor::enter() {
    hide();
    lines_.push_back(line());
    history_.add(lines_.back());
    replace_line("");
}

void line_editor::complete_word() {
    if (!complete_) return;
    const auto found = complete_(to_utf8(before_cursor()));
    if (!found.candidates.empty() && show_candidates_) show_candidates_(found.candidates);
    if (found.insert.empty()) return;
    hide();
    el_winsertstr(editor_.get(), to_wide(found.insert).c_str());
    show();
}

void line_editor::replace_line(std::optional<std::string> text) {
    if (!text) return;
    const bool was_shown = shown_;
    hide();
    const auto* now = el_wline(editor_.get());
    const auto length = static_cast<int>(now->lastchar - now->buffer);
    el_cursor(editor_.get(), length);
    el_wdeletestr(editor_.get(), length);
    if (!text->empty()) el_winsertstr(editor_.get(), to_wide(*text).c_str());
    if (was_shown) show();
}

std::optional<std::string> line_editor::take_line() {
    if (lines_.empty()) return {};
    auto line = std::move(lines_.front());
    lines_.pop_front();
    return line;
}

void line_editor::refresh_terminal() {
    el_wset(editor_.get(), EL_PREP_TERM, 1);
    el_resize(editor_.get());
    hide();
    show();
}

std::wstring line_editor::before_cursor() const {
    const auto* now = el_wline(editor_.get());
    return std::wstring(now->buffer, now->cursor);
}

std::string line_editor::line() const {
    const auto* now = el_wline(editor_.get());
    return to_utf8(
        std::wstring_view(now->buffer, static_cast<std::size_t>(now->lastchar - now->buffer)));
}

int line_editor::next_character(EditLine* editor, wchar_t* character) {
    void* self = nullptr;
    el_wget(editor, EL_CLIENTDATA, &self);
    auto& waiting = static_cast<line_editor*>(self)->characters_;
    if (waiting.empty()) return 0;
    *character = waiting.front();
    waiting.pop_front();
    return 1;
}

wchar_t* line_editor::prompt(EditLine* editor) {
    void* self = nullptr;
    el_wget(editor, EL_CLIENTDATA, &self);
    return static_cast<line_editor*>(self)->prompt_.data();
}

}  // namespace terminal
