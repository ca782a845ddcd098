"""Authors' Markdown as people read it: blocks, sentences, links, pictures, facts."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Line = tuple[int, str]

FACT = re.compile(r"\{\{\s*so-lieu\s*:\s*([^{}\s]*)\s*\}\}")
BRACES = re.compile(r"\{\{[^{}]*\}\}|\{\{|\}\}")
PICTURE = re.compile(r"!\[([^\[\]]*)\]\(([^()\s]*)([^()]*)\)")
LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(([^()\s]*)([^()]*)\)")
FENCE = re.compile(r"\s*(?:```|~~~)\s*([^`\s]*)")
_CODE = re.compile(r"`[^`]*`")
ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?=\S)")
_QUOTE = re.compile(r"\s*(?:>\s?)+")
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|$)")


@dataclass(frozen=True)
class Block:
    """A paragraph, an item of a list or a quote, as lines without their marks."""

    kind: str
    lines: tuple[Line, ...]


def without_code(text: str) -> str:
    """Return `text` with what stands between back-ticks blanked, lengths kept."""
    return _CODE.sub(lambda found: " " * len(found[0]), text)


def outside_fences(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines that do not stand in a fenced block, nor open or close one."""
    fenced = False
    for number, text in lines:
        if FENCE.match(text):
            fenced = not fenced
        elif not fenced:
            yield number, text


def visible(text: str, facts: Mapping[str, str]) -> str:
    """Return the words a reader sees: facts put in, pictures, addresses and marks left out."""
    text = FACT.sub(lambda found: facts.get(found[1], "…"), text)
    text = LINK.sub(lambda found: found[1], PICTURE.sub("", text))
    return text.replace("**", "").replace("*", "").replace("`", "")


def blocks(lines: Iterable[Line]) -> Iterator[Block]:
    """Yield the blocks of a text, headings and fenced blocks left out."""
    kind = "paragraph"
    held: list[Line] = []
    for number, text in outside_fences(lines):
        starts = _kind_of(text)
        if held and (not text.strip() or starts == "heading" or starts == "item" or _leaves(kind, starts)):
            yield Block(kind, tuple(held))
            held = []
        if text.strip() and starts != "heading":
            kind = kind if held else starts
            held.append((number, _bare(text)))
    if held:
        yield Block(kind, tuple(held))


def sentences(block: Block, facts: Mapping[str, str]) -> list[Line]:
    """Return the sentences of a block, each with the line it starts on."""
    texts = [visible(text, facts).strip() for _, text in block.lines]
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text) + 1)
    whole = "\n".join(texts)
    found, begin = [], 0
    for end in [*(match.end() for match in _END.finditer(whole)), len(whole)]:
        sentence = whole[begin:end]
        first = begin + len(sentence) - len(sentence.lstrip())
        if sentence.strip():
            line = block.lines[bisect_right(starts, first) - 1][0]
            found.append((line, " ".join(sentence.split())))
        begin = end
    return found


def _kind_of(text: str) -> str:
    if text.startswith("#"):
        return "heading"
    if _QUOTE.match(text):
        return "quote"
    return "item" if ITEM.match(text) else "paragraph"


def _leaves(kind: str, starts: str) -> bool:
    # A plain line goes on with the paragraph, item or quote above it, as in Markdown.
    return starts == "quote" and kind != "quote"


def _bare(text: str) -> str:
    for mark in (_QUOTE, ITEM):
        found = mark.match(text)
        text = text[found.end() :] if found else text
    return text
