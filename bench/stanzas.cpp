#include "stanzas.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>

namespace xmpp::bench {
namespace {

constexpr std::size_t publication_size = 16'000;

std::string make_publication() {
    std::string xml =
        "<message from='pubsub.capulet.example' to='juliet@capulet.example/balcony' "
        "type='headline' id='event-7'>"
        "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:verona:gazette'>"
        "<item id='issue-1597' publisher='gazette@verona.example'>"
        "<entry xmlns='http://www.w3.org/2005/Atom'>"
        "<title type='text'>What happened on the market square</title>"
        "<id>tag:verona.example,1597:issue</id><updated>1597-07-16T09:00:00Z</updated>"
        "<author><name>The Gazette of Verona</name>"
        "<uri>xmpp:gazette@verona.example</uri></author>";
    for (int number = 1; xml.size() < publication_size; ++number) {
        fmt::format_to(std::back_inserter(xml),
                       "<category term='event-{0}' label='Event &amp; news no. {0}'/>"
                       "<link rel='related' href='https://verona.example/1597/{0}'/>"
                       "<contributor><name>Reporter {0}</name>"
                       "<email>reporter{0}@verona.example</email></contributor>",
                       number);
    }
    return xml + "</entry></item></items></event></message>";
}

}  // namespace

std::string_view stream_header() {
    return "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='capulet.example' "
           "version='1.0' xml:lang='en'>";
}

const std::string& chat_message() {
    static const std::string xml =
        "<message from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony' "
        "type='chat' id='b4a91c3e-7d'>"
        "<body>Shall I hear more, or shall I speak at this, my love?</body>"
        "<active xmlns='http://jabber.org/protocol/chatstates'/></message>";
    return xml;
}

const std::string& annotated_message() {
    static const std::string xml =
        "<message from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony' "
        "type='chat' id='5f3c1a60-94fb-4b6e-a1f6-09b7a0b3b7d2' xml:lang='en'>"
        "<body>&gt; What man art thou?\n"
        "By a name I know not how to tell thee who I am: my name, dear saint, is hateful to "
        "myself, because it is an enemy to thee.</body>"
        "<request xmlns='urn:xmpp:receipts'/>"
        "<markable xmlns='urn:xmpp:chat-markers:0'/>"
        "<active xmlns='http://jabber.org/protocol/chatstates'/>"
        "<origin-id xmlns='urn:xmpp:sid:0' id='5f3c1a60-94fb-4b6e-a1f6-09b7a0b3b7d2'/>"
        "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='1597071609-000412'/>"
        "<reply xmlns='urn:xmpp:reply:0' to='juliet@capulet.example/balcony' "
        "id='c0ffee12-7a11-4d5e-8f00-3a0fb1a2c3d4'/>"
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>"
        "<body start='0' end='22'/></fallback>"
        "<replace xmlns='urn:xmpp:message-correct:0' id='9d2b8f77-0c1e-4e6a-b8a5-6f1d2e3c4b5a'/>"
        "<thread>e0ffe42b28561960c6b12b944a092794b9683a38</thread>"
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603deec90a38ba552f7c68cbcc61'/>"
        "<store xmlns='urn:xmpp:hints'/></message>";
    return xml;
}

const std::string& publication() {
    static const std::string xml = make_publication();
    return xml;
}

}  // namespace xmpp::bench
