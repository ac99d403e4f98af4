// Runs a fuzz target without libFuzzer: over a corpus, and over mutations of it that are the same
// each time.
//
//     TARGET CORPUS_FOLDER [MUTATIONS]
//     TARGET FILE
#include "target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using bytes = std::string;

bytes read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void run(const bytes& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// Keeps what is being tried where it can be found after a crash. (The file stays open: making it
/// anew each time would take most of the time.)
class last_input {
 public:
    explicit last_input(const std::string& target)
        : name_(std::filesystem::temp_directory_path() /
                fmt::format("xmpp-{}-{}", target, ::getpid())),
          file_(std::fopen(name_.c_str(), "wb")) {
        if (!file_) throw std::runtime_error(name_.string() + " can't be written");
    }
    last_input(const last_input&) = delete;
    last_input& operator=(const last_input&) = delete;
    ~last_input() {
        std::fclose(file_);
        std::filesystem::remove(name_);
    }

    void keep(const bytes& input) {
        std::rewind(file_);
        std::fwrite(input.data(), 1, input.size(), file_);
        std::fflush(file_);
        if (::ftruncate(::fileno(file_), static_cast<off_t>(input.size())) != 0) {
            throw std::runtime_error(name_.string() + " can't be cut");
        }
    }

 private:
    std::filesystem::path name_;
    std::FILE* file_;
};

/// Changes of the kind that find mistakes in parsers: bytes flipped, inserted, removed, parts of
/// other inputs put in, parts repeated, the end cut off.
class mutator {
 public:
    explicit mutator(const std::vector<bytes>& corpus) : corpus_(corpus) {}

    bytes next() {
        bytes input = corpus_[below(corpus_.size())];
        for (auto left = 1 + below(4); left > 0; --left) change(input);
        return input;
    }

 private:
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

    void change(bytes& input) {
        const auto at = below(input.size() + 1);
        switch (below(6)) {
            case 0:
                if (at < input.size()) input[at] = static_cast<char>(random_());
                break;
            case 1:
                if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
                break;
            case 2:
                input.insert(at, 1, static_cast<char>(random_()));
                break;
            case 3:
                input.erase(at, 1 + below(8));
                break;
            case 4: {
                const auto& other = corpus_[below(corpus_.size())];
                const auto from = below(other.size() + 1);
                input.insert(at, other, from, below(64));
                break;
            }
            default:
                input.resize(at);
        }
    }

    const std::vector<bytes>& corpus_;
    // The same inputs each time, everywhere.
    std::mt19937_64 random_{1};  // NOLINT(cert-msc51-cpp,cert-msc32-c)
};

int replay(const std::filesystem::path& where, long mutations, const std::string& target) {
    if (!std::filesystem::is_directory(where)) {
        run(read(where));
        return 0;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(where)) files.push_back(entry);
    std::sort(files.begin(), files.end());
    std::vector<bytes> corpus;
    for (const auto& file : files) corpus.push_back(read(file));
    if (corpus.empty()) {
        std::fprintf(stderr, "%s: no corpus\n", where.c_str());
        return 1;
    }
    last_input last(target);
    for (const auto& input : corpus) {
        last.keep(input);
        run(input);
    }
    mutator mutated(corpus);
    for (long i = 0; i < mutations; ++i) {
        const auto input = mutated.next();
        last.keep(input);
        run(input);
    }
    std::printf("%zu inputs, %ld mutations\n", corpus.size(), mutations);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    try {
        const std::string target = std::filesystem::path(argv[0]).filename();
        return replay(argv[1], argc > 2 ? std::atol(argv[2]) : 0, target);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}
