"""The XMP packet of a finished picture: what made it, from what, and how to make it again.

Sources: XMP Specification Part 1 (ISO 16684-1:2019); IPTC Photo Metadata Standard 2023.2,
"Digital Source Type"; the vocabulary at http://cv.iptc.org/newscodes/digitalsourcetype/
(2024-10-23).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

_VOCABULARY: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"

#: "Composite of elements": photographed, drawn or generated, without saying which.
COMPOSITE: Final = _VOCABULARY + "composite"
#: "Composite including generative AI elements"; until 2024 "… including synthetic elements".
COMPOSITE_SYNTHETIC: Final = _VOCABULARY + "compositeSynthetic"
#: "Created using Generative AI": made by a model that was trained on sampled content.
TRAINED_ALGORITHMIC_MEDIA: Final = _VOCABULARY + "trainedAlgorithmicMedia"
#: "Edited using Generative AI": inpainting and the like in a photograph.
COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA: Final = (
    _VOCABULARY + "compositeWithTrainedAlgorithmicMedia"
)

_RECIPE_NAMESPACE: Final = "urn:astria-web:recipe:1#"
_SOURCE_NAMESPACE: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

_PACKET: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="{source_namespace}"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:aw="{recipe_namespace}">
{properties}
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""

# XML 1.0, 2.2: the characters that no escape makes legal.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build_packet(
    *,
    digital_source: str,
    made_by: str = "",
    description: str = "",
    recipe: Mapping[str, Any] | None = None,
) -> bytes:
    """A read-only packet in UTF-8. What is empty is left out; `recipe` must be JSON."""
    properties = [_element("Iptc4xmpExt:DigitalSourceType", digital_source)]
    if made_by:
        properties.append(_element("xmp:CreatorTool", made_by))
    if description:
        alternative = f'<rdf:li xml:lang="x-default">{_escaped(description)}</rdf:li>'
        properties.append(f"<dc:description><rdf:Alt>{alternative}</rdf:Alt></dc:description>")
    if recipe is not None:
        properties.append(_element("aw:Recipe", json.dumps(recipe, separators=(",", ":"))))
    return _PACKET.format(
        source_namespace=_SOURCE_NAMESPACE,
        recipe_namespace=_RECIPE_NAMESPACE,
        properties="\n".join(properties),
    ).encode()


def recipe_of(packet: bytes) -> dict[str, Any] | None:
    """The recipe in a packet, None when it holds none that can be read."""
    text = _property(packet, f"{{{_RECIPE_NAMESPACE}}}Recipe")
    try:
        recipe = json.loads(text or "")
    except ValueError:
        return None
    return recipe if isinstance(recipe, dict) else None


def digital_source_of(packet: bytes) -> str | None:
    """The IPTC digital source type in a packet, None when it holds none."""
    return _property(packet, f"{{{_SOURCE_NAMESPACE}}}DigitalSourceType")


def _element(name: str, text: str) -> str:
    return f"<{name}>{_escaped(text)}</{name}>"


def _escaped(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _property(packet: bytes, name: str) -> str | None:
    """A simple property, as an element or, as other programs rewrite it, an attribute."""
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return None  # XMP has neither: a packet with entities wants to explode
    try:
        root = ElementTree.fromstring(packet.strip(b"\0 \r\n\t"))  # noqa: S314 - without entities
    except (ElementTree.ParseError, ValueError):
        return None
    for element in root.iter():
        if element.tag == name:
            return element.text
        if name in element.attrib:
            return element.attrib[name]
    return None
