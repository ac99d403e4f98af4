#include "xml/parser/expat_parser.hpp"

#include "xml/parser/tree_builder.hpp"

#include <cstdlib>
#include <dlfcn.h>
#include <limits>
#include <new>
#include <utility>

// Absent from older versions, and from their header.
// NOLINTNEXTLINE(readability-identifier-naming): expat's name
extern "C" [[gnu::weak]] XML_Bool XMLCALL XML_SetReparseDeferralEnabled(XML_Parser, XML_Bool);

namespace xmpp::detail {
namespace {

constexpr const char* encoding = "UTF-8";

/// The counter of the parser that runs in this thread: expat's allocator has no argument for it.
constinit thread_local std::size_t* counter = nullptr;

class counting {
 public:
    explicit counting(std::size_t& memory) noexcept : outer_(std::exchange(counter, &memory)) {}
    counting(const counting&) = delete;
    counting& operator=(const counting&) = delete;
    ~counting() { counter = outer_; }

 private:
    std::size_t* outer_;
};

/// Stands before each block.
struct alignas(std::max_align_t) block_head {
    std::size_t size;
};

void* allocate(block_head* old, std::size_t size) noexcept {
    if (size > std::numeric_limits<std::size_t>::max() - sizeof(block_head)) return nullptr;
    const std::size_t before = old != nullptr ? old->size : 0;
    auto* head = static_cast<block_head*>(std::realloc(old, sizeof(block_head) + size));
    if (head == nullptr) return nullptr;
    head->size = size;
    if (counter != nullptr) *counter += size - before;
    return head + 1;
}

void* take(std::size_t size) {
    return allocate(nullptr, size);
}

void* resize(void* block, std::size_t size) {
    return allocate(block == nullptr ? nullptr : static_cast<block_head*>(block) - 1, size);
}

void give_back(void* block) {
    if (block == nullptr) return;
    auto* head = static_cast<block_head*>(block) - 1;
    if (counter != nullptr) *counter -= head->size;
    std::free(head);
}

using deferral_switch = XML_Bool(XMLCALL*)(XML_Parser, XML_Bool);

/// The linker may have decided that the function does not exist when it saw an older version of the
/// library than the one that is loaded; then the loader is asked.
deferral_switch find_deferral_switch() noexcept {
    if (XML_SetReparseDeferralEnabled != nullptr) return &XML_SetReparseDeferralEnabled;
    return reinterpret_cast<deferral_switch>(
        ::dlsym(RTLD_DEFAULT, "XML_SetReparseDeferralEnabled"));
}

XML_Parser make_parser() noexcept {
    constexpr XML_Memory_Handling_Suite functions{take, resize, give_back};
    constexpr char separator[] = {name_separator, '\0'};
    return XML_ParserCreate_MM(encoding, &functions, separator);
}

}  // namespace

expat_parser::expat_parser() {
    const counting mine(memory_);
    parser_ = make_parser();
    if (parser_ == nullptr) throw std::bad_alloc();
    report_at_once();
}

expat_parser::~expat_parser() {
    const counting mine(memory_);
    XML_ParserFree(parser_);
}

XML_Status expat_parser::parse(std::string_view bytes, bool last) noexcept {
    const counting mine(memory_);
    return XML_Parse(parser_, bytes.data(), static_cast<int>(bytes.size()),
                     last ? XML_TRUE : XML_FALSE);
}

void expat_parser::reset() noexcept {
    const counting mine(memory_);
    XML_ParserReset(parser_, encoding);
    report_at_once();
}

/// A stanza that has arrived must be reported; long_token bounds what scanning anew costs.
void expat_parser::report_at_once() noexcept {
    static const deferral_switch found = find_deferral_switch();
    if (found != nullptr) found(parser_, XML_FALSE);
}

std::optional<std::uint64_t> expat_parser::position() const noexcept {
    const auto index = XML_GetCurrentByteIndex(parser_);
    if (index < 0) return std::nullopt;
    return static_cast<std::uint64_t>(index);
}

}  // namespace xmpp::detail
