#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xmpp::detail {

// The bytes of a file of records:
//
//     "xmpp session store 1\n"  { length: 4 bytes, big-endian; checksum: 8 bytes; record }*

inline constexpr std::string_view record_heading = "xmpp session store 1\n";

/// \throws error(errc::queue_overflow) for a record of 4 GiB or more
void append_record(std::string& out, std::string_view record);

/// What is in a file of records.
struct read_records {
    struct part {
        std::string_view bytes;
        bool verified;  // otherwise: what stands where a record was damaged
    };

    bool is_ours = true;      // it begins with the heading, or with a part of it and has no more
    std::vector<part> parts;  // in the order of the file
    std::uint64_t whole = 0;  // so many bytes, from the beginning, end with a record that verifies
    bool cut = false;         // then comes the beginning of a record, and nothing else
    bool damaged = false;     // there is something else that does not verify
};

/// Takes a file apart. Behind damage it goes on with the next record that verifies. The parts point
/// into `bytes`.
read_records read_record_bytes(std::string_view bytes);

}  // namespace xmpp::detail
