#include "stream/management/unacked_stanzas.hpp"

#include "base/kept_capacity.hpp"

namespace xmpp::detail {

std::uint64_t unacked_stanzas::push(const outgoing_stanza& added) {
    bytes_ += added.xml;
    records_.push_back(
        {passed_ + bytes_.size(), added.accepted, added.kind, added.doubtful, added.suspected});
    return next() - 1;
}

outgoing_stanza unacked_stanzas::at(std::size_t index) const noexcept {
    const auto& wanted = records_[index];
    const auto begin = index == 0 ? passed_ + begin_ : records_[index - 1].end;
    const auto xml = std::string_view(bytes_).substr(static_cast<std::size_t>(begin - passed_),
                                                     static_cast<std::size_t>(wanted.end - begin));
    return {wanted.kind, xml, wanted.accepted, wanted.doubtful, wanted.suspected};
}

void unacked_stanzas::pop() noexcept {
    begin_ = static_cast<std::size_t>(records_.front().end - passed_);
    records_.pop_front();
    ++first_;
    // What may be kept anyway is not worth moving bytes for.
    if (begin_ < bytes_.size() && (begin_ < kept_capacity || begin_ < bytes_.size() / 2)) return;
    passed_ += begin_;
    bytes_.erase(0, begin_);
    begin_ = 0;
    if (bytes_.empty() && bytes_.capacity() > kept_capacity) bytes_ = std::string();
}

}  // namespace xmpp::detail
