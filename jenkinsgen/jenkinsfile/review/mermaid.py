"""The picture of the stages, as a Mermaid flowchart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.review.escape import mermaid_label
from jenkinsgen.jenkinsfile.review.model import Mark, PictureStage

if TYPE_CHECKING:
    from collections.abc import Iterable

# Borders and words say the same as colours, for who does not see these; they read on dark pages, too.
_STYLES = {
    Mark.ADDED: "stroke:#1a7f37,stroke-width:3px",
    Mark.REMOVED: "stroke:#cf222e,stroke-width:3px,stroke-dasharray:6 4",
    Mark.CHANGED: "stroke:#bf8700,stroke-width:3px",
}
MOST_STAGES = 80


def flowchart(stages: tuple[PictureStage, ...]) -> list[str]:
    """The lines of a flowchart; none where a picture would not help."""
    if not stages or _count(stages) > MOST_STAGES:
        return []
    drawing = _Drawing()
    drawing.sequence(stages, "  ")
    used = dict.fromkeys(drawing.marks.values())
    styles = [f"  classDef {mark.value} {style}" for mark, style in _STYLES.items() if mark in used]
    marked = {mark: [name for name, each in drawing.marks.items() if each is mark] for mark in _STYLES}
    classes = [f"  class {','.join(names)} {mark.value}" for mark, names in marked.items() if names]
    return ["flowchart LR", *drawing.lines, *styles, *classes]


def _count(stages: Iterable[PictureStage]) -> int:
    return sum(1 + _count(each.children) for each in stages)


@dataclass(slots=True)
class _Drawing:
    """Names nodes s1, s2, … in the order in which they are drawn."""

    lines: list[str] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)

    def sequence(self, stages: Iterable[PictureStage], indent: str, *, linked: bool = True) -> None:
        previous: str | None = None
        for stage in stages:
            name = self._stage(stage, indent)
            if previous is not None and linked:
                self.lines.append(f"{indent}{previous} --> {name}")
            previous = name

    def _stage(self, stage: PictureStage, indent: str) -> str:
        name = f"s{len(self.marks) + 1}"
        self.marks[name] = stage.mark
        words = [mermaid_label(stage.name)]
        words += ["asks first"] if stage.asks else []
        words += [stage.mark.value] if stage.mark is not Mark.SAME else []
        label = f'"{"<br/>".join(words)}"'
        if stage.children:
            self.lines.append(f"{indent}subgraph {name}[{label}]")
            self.sequence(stage.children, f"{indent}  ", linked=not stage.parallel)
            self.lines.append(f"{indent}end")
        else:
            self.lines.append(f"{indent}{name}" + ("{{" + label + "}}" if stage.asks else f"[{label}]"))
        return name
