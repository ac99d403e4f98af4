#include "scram_vectors.hpp"

namespace {

/// 00 01 02 ...
std::string counting_bytes(std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(i);
    return bytes;
}

std::vector<scram_vector> make_vectors() {
    return {
        {"SC1_rfc5802", "SCRAM-SHA-1", "user", "pencil", "fyko+d2lbbFgONRv9qkxdawL",
         "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
         "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
         "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
         "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "1d96ee3a529b5a5f9e47c01f229a2cb8a6e15f7d",
         std::nullopt},
        {"SC2_rfc7677", "SCRAM-SHA-256", "user", "pencil", "rOprNGfwEbeRWgbNEkqO",
         "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
         "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
         "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
         "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
         "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
         "c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d", std::nullopt},
        {"SC3_rfc6120", "SCRAM-SHA-1", "juliet", "r0m30myr0m30", "oMsTAAwAAAAMAAAANP0TAAAAAABPU0AA",
         "n,,n=juliet,r=oMsTAAwAAAAMAAAANP0TAAAAAABPU0AA",
         "r=oMsTAAwAAAAMAAAANP0TAAAAAABPU0AAe124695b-69a9-4de6-9c30-b51b3808c59e,"
         "s=NjhkYTM0MDgtNGY0Zi00NjdmLTkxMmUtNDlmNTNmNDNkMDMz,i=4096",
         "c=biws,r=oMsTAAwAAAAMAAAANP0TAAAAAABPU0AAe124695b-69a9-4de6-9c30-b51b3808c59e,"
         "p=UA57tM/SvpATBkH2FXs0WDXvJYw=",
         "v=pNNDFVEQxuXxCoSEiW8GEZ+1RSo=", "4738f0745064187ac7b1fde0b8e28bad52127223",
         std::nullopt},
        {"SC10_plus_tls_unique", "SCRAM-SHA-1-PLUS", "user", "pencil", "fyko+d2lbbFgONRv9qkxdawL",
         "p=tls-unique,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
         "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
         "c=cD10bHMtdW5pcXVlLCwAAQIDBAUGBwgJCgs=,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
         "p=ResgVA2w6fEFiwzXkrPSGTt/RSg=",
         "v=HKBeWjn99U5AvtgAjz6m1d81mhk=", "1d96ee3a529b5a5f9e47c01f229a2cb8a6e15f7d",
         xmpp::detail::sasl::channel_binding{"tls-unique", counting_bytes(12)}},
        {"SC11_plus_tls_exporter", "SCRAM-SHA-256-PLUS", "user", "pencil", "rOprNGfwEbeRWgbNEkqO",
         "p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO",
         "r=rOprNGfwEbeRWgbNEkqO02431b08-2f0a-4bad-8a17-7d0e6c9b1f55,"
         "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
         "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,"
         "r=rOprNGfwEbeRWgbNEkqO02431b08-2f0a-4bad-8a17-7d0e6c9b1f55,"
         "p=gEsuzG9pV3mlXmRgk0ZPPgTv1GYV7LRCZIg6SO/Jcw8=",
         "v=B3WlrStNWcl2hK6Rr7qnZGbsJtSdrsmp3NUHPJUY2hs=",
         "c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d",
         xmpp::detail::sasl::channel_binding{"tls-exporter", counting_bytes(32)}},
    };
}

}  // namespace

const std::vector<scram_vector>& scram_vectors() {
    static const auto vectors = make_vectors();
    return vectors;
}

const scram_vector& rfc5802() {
    return scram_vectors()[0];
}
