// What a received stanza costs until its tree is there, beside what expat alone takes for the same
// bytes. Both are measured in turns, so that whatever else the machine does hits both alike.
#include "cpu_time.hpp"
#include "stanzas.hpp"
#include "xml/parser/stream_parser.hpp"

#include <benchmark/benchmark.h>
#include <expat.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace xmpp::bench {
namespace {

constexpr std::size_t bytes_in_turn = 65'536;

/// The least that a namespace-aware reader can do: three handlers that do nothing.
class expat_alone {
 public:
    expat_alone() : parser_(XML_ParserCreateNS("UTF-8", '\x01')) {
        if (!parser_) throw std::bad_alloc();
        XML_SetElementHandler(
            parser_.get(), [](void*, const char*, const char**) {}, [](void*, const char*) {});
        XML_SetCharacterDataHandler(parser_.get(), [](void*, const char*, int) {});
        read(stream_header());
    }

    void read(std::string_view xml) {
        const auto size = static_cast<int>(xml.size());
        if (XML_Parse(parser_.get(), xml.data(), size, XML_FALSE) != XML_STATUS_OK)
            throw std::runtime_error(XML_ErrorString(XML_GetErrorCode(parser_.get())));
    }

 private:
    struct free_parser {
        void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
    };
    std::unique_ptr<std::remove_pointer_t<XML_Parser>, free_parser> parser_;
};

/// The SDK's reader, from bytes to the tree and its end.
class tree_reader {
 public:
    tree_reader() { read(stream_header()); }

    void read(std::string_view xml) {
        parser_.feed(xml);
        const auto event = parser_.next();
        if (!event) throw std::runtime_error("the sample is no complete stanza");
        benchmark::DoNotOptimize(event->content().root().name().data());
    }

 private:
    detail::stream_parser parser_;
};

template <class Reader>
double take_turn(Reader& reader, const std::string& xml, std::size_t times) {
    return cpu_seconds([&] {
        for (std::size_t i = 0; i < times; ++i) reader.read(xml);
    });
}

void parse(benchmark::State& state, const std::string& xml) {
    expat_alone expat;
    tree_reader trees;
    const std::size_t times = std::max<std::size_t>(bytes_in_turn / xml.size(), 1);
    double expat_seconds = 0;
    double tree_seconds = 0;
    for (auto _ : state) {
        expat_seconds += take_turn(expat, xml, times);
        const double tree = take_turn(trees, xml, times);
        tree_seconds += tree;
        state.SetIterationTime(tree / static_cast<double>(times));
    }
    const auto stanzas = static_cast<double>(state.iterations()) * static_cast<double>(times);
    state.counters["bytes"] = static_cast<double>(xml.size());
    state.counters["expat_us"] = expat_seconds / stanzas * 1e6;
    state.counters["tree_us"] = tree_seconds / stanzas * 1e6;
    state.counters["ratio"] = tree_seconds / expat_seconds;
}

void report_medians(benchmark::internal::Benchmark* measured) {
    measured->UseManualTime()->Iterations(200)->Repetitions(9)->ReportAggregatesOnly();
}

BENCHMARK_CAPTURE(parse, chat, chat_message())->Apply(report_medians);
BENCHMARK_CAPTURE(parse, annotated, annotated_message())->Apply(report_medians);
BENCHMARK_CAPTURE(parse, publication, publication())->Apply(report_medians);

}  // namespace
}  // namespace xmpp::bench

BENCHMARK_MAIN();
