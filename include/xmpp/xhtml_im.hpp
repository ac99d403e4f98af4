#pragma once

#include <xmpp/builder.hpp>
#include <xmpp/element.hpp>

#include <string>
#include <string_view>

namespace xmpp {

/// Rich text for a message, or out of one (XEP-0071): what is left of markup when only that is kept
/// which the XEP recommends and which can do no harm where it is shown.
///
///     conn.send(message(to).body("Hi there").add(xhtml_im("<p>Hi <em>there</em></p>")));
///
/// - Elements: a, blockquote, br, cite, em, img, li, ol, p, span, strong, ul. Others go, what they
///   contain stays; scripts, style sheets and the like go with all that is in them.
/// - Attributes: href of a; src, alt, width and height of img; style. Others go.
/// - Addresses: http, https, mailto and xmpp in links; those that `images` names in images. An
///   attribute with any other is left out, relative addresses included: a message has no base that
///   they could be relative to.
/// - Styles: background-color, color, font-family, font-size, font-style, font-weight, margin-left,
///   margin-right, text-align, text-decoration, with values that are words, numbers and colours.
///   Margins, sizes of fonts and those of images are bounded.
///
/// Names are told apart by case and, in received elements, by namespace. The work is proportional
/// to the size of what comes in; depth costs no stack.

/// Where the images that are kept may come from.
enum class html_images {
    embedded,  ///< with the message: a picture inside a data: address, or cid (XEP-0231)
    remote,    ///< also http and https. To show such a message tells its sender who reads it, when
               ///< and where: only if the reader has asked for it.
};

/// `<html/>` as a message carries it, from the content of a body.
/// \param markup well-formed XML, such as `<p>one</p><p>two</p>` or plain text with entities; HTML
///        that is not XML (`<br>`) is refused
/// \param images the images that the message may show
/// \throws error(errc::not_well_formed), which says where
[[nodiscard]] builder xhtml_im(std::string_view markup, html_images images = html_images::embedded);

/// The content of a received `<html/>` or `<body/>`, safe to hand to what displays HTML: elements
/// without prefixes and namespaces. Empty when there is none. Of several bodies, the first.
[[nodiscard]] std::string safe_html(const element& html,
                                    html_images images = html_images::embedded);

}  // namespace xmpp
