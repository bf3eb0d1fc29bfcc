"""What the pages of the project point to: links, headings, lines, make targets, commands."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
EXPLICIT_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")
LINES = re.compile(r"L(\d+)(?:-L(\d+))?")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
TARGET = re.compile(r"(?:^|[\s;&|(])make +([a-z][a-z-]*)")
COMMAND = re.compile(r"(?:^|[\s;&|(/])tillflow +([a-z][a-z-]*)")


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        return FENCE.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """Targets inside the project; addresses elsewhere are not followed."""
        prose = CODE_SPAN.sub("`code`", self.prose)
        targets = LINK.findall(prose) + REFERENCE.findall(prose)
        return [target for target in targets if not ELSEWHERE.match(target)]

    @property
    def anchors(self) -> set[str]:
        seen: Counter[str] = Counter()
        anchors = set(EXPLICIT_ANCHOR.findall(self.text))
        for heading in HEADING.findall(self.prose):
            slug = slug_of(heading)
            anchors.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
        return anchors

    @property
    def code(self) -> str:
        """Everything a reader would type: code blocks and code spans, one a line."""
        blocks = [match.group(0) for match in FENCE.finditer(self.text)]
        return "\n".join(blocks + CODE_SPAN.findall(self.prose))

    @property
    def targets(self) -> set[str]:
        return set(TARGET.findall(self.code))

    @property
    def commands(self) -> set[str]:
        return set(COMMAND.findall(self.code))

    def broken_links(self) -> Iterator[str]:
        for target in self.links:
            if not self.reaches(target):
                yield f"{self.path.name} points to {target}, which is not there"

    def reaches(self, target: str) -> bool:
        file, _, anchor = target.partition("#")
        goal = (self.path.parent / file).resolve() if file else self.path
        return goal.exists() and (not anchor or has_anchor(goal, anchor))


def has_anchor(goal: Path, anchor: str) -> bool:
    """A heading of a page, or lines that the file has."""
    if lines := LINES.fullmatch(anchor):
        last = int(lines[2] or lines[1])
        return goal.is_file() and 0 < int(lines[1]) <= last <= line_count(goal)
    return goal.suffix == ".md" and anchor in Page(goal).anchors


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def slug_of(heading: str) -> str:
    """The anchor that code hosts make of a heading."""
    plain = LINK.sub(lambda link: link.group(0).lstrip("!")[1:].partition("]")[0], heading)
    kept = re.sub(r"[^\w\- ]", "", plain.replace("`", "").lower())
    return kept.strip().replace(" ", "-")
