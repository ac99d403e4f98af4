// What an outgoing stanza costs until its bytes are there.
#include <xmpp/builder.hpp>
#include <xmpp/jid.hpp>
#include <xmpp/message.hpp>
#include <xmpp/ns.hpp>
#include <xmpp/stx.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace xmpp::bench {
namespace {

const jid& juliet() {
    static const jid address("juliet@capulet.example/balcony");
    return address;
}

constexpr std::string_view id = "b4a91c3e-7d15";
constexpr std::string_view line = "Shall I hear more, or shall I speak at this, my love?";

std::string message_by_builder() {
    return message(juliet()).type("chat").id(id).body(line).take();
}

std::string message_by_stx() {
    return stx("<message to='{}' type='chat' id='{}'><body>{}</body></message>", juliet(), id, line)
        .take();
}

std::string iq_by_builder() {
    return iq::get(juliet()).id(id).c("query", ns::disco_info).take();
}

std::string iq_by_stx() {
    return stx("<iq type='get' to='{}' id='{}'>"
               "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
               juliet(), id)
        .take();
}

void build(benchmark::State& state, std::string (*make)()) {
    std::int64_t bytes = 0;
    for (auto _ : state) {
        const std::string xml = make();
        bytes += static_cast<std::int64_t>(xml.size());
        benchmark::DoNotOptimize(xml.data());
    }
    state.SetBytesProcessed(bytes);
}

void report_medians(benchmark::internal::Benchmark* measured) {
    measured->MinTime(0.1)->Repetitions(5)->ReportAggregatesOnly();
}

BENCHMARK_CAPTURE(build, message_builder, message_by_builder)->Apply(report_medians);
BENCHMARK_CAPTURE(build, message_stx, message_by_stx)->Apply(report_medians);
BENCHMARK_CAPTURE(build, iq_builder, iq_by_builder)->Apply(report_medians);
BENCHMARK_CAPTURE(build, iq_stx, iq_by_stx)->Apply(report_medians);

}  // namespace
}  // namespace xmpp::bench

BENCHMARK_MAIN();
