"""How well the rules planner tells who asks for a refund, on the labelled texts of BANKING77 (PolyAI, CC BY 4.0)."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.planner.rules.reading import read

ASKS_REFUND = frozenset({"request_refund", "transaction_charged_twice"})
TEXTS = Path(__file__).resolve().parents[1] / ".." / "shared" / "data" / "banking77_train.csv"
PRECISION_GOAL, RECALL_GOAL = 0.95, 0.6


@dataclass(frozen=True)
class Labelled:
    text: str
    label: str
    proposed: bool

    @property
    def asked(self) -> bool:
        return self.label in ASKS_REFUND

    @property
    def held_out(self) -> bool:
        """A third of the texts, by digest, that no phrase was written from."""
        return hashlib.sha256(self.text.strip().lower().encode()).digest()[0] % 3 == 0


@dataclass(frozen=True)
class Score:
    proposed: int
    right: int
    asked: int

    @property
    def precision(self) -> float:
        return self.right / self.proposed if self.proposed else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.asked if self.asked else 1.0


def score(texts: Iterable[Labelled]) -> Score:
    kept = list(texts)
    return Score(
        proposed=sum(t.proposed for t in kept),
        right=sum(t.proposed and t.asked for t in kept),
        asked=sum(t.asked for t in kept),
    )


def confusions(texts: Iterable[Labelled]) -> list[tuple[str, int, list[str]]]:
    """Labels under which a refund was proposed though none was asked for, worst first, with examples."""
    wrong: dict[str, list[str]] = defaultdict(list)
    for labelled in texts:
        if labelled.proposed and not labelled.asked:
            wrong[labelled.label].append(labelled.text)
    return sorted(((label, len(found), found[:3]) for label, found in wrong.items()), key=lambda row: -row[1])


def labelled_texts(path: Path) -> list[Labelled]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [Labelled(row["text"], row["category"], read(row["text"]).asks_refund) for row in csv.DictReader(lines)]


def main(argv: Sequence[str] | None = None) -> int:
    """Prints precision, recall and confusions; 0 when the goals are met, 1 when not, 2 when the texts are absent."""
    options = argparse.ArgumentParser(prog="bench planner", description=__doc__)
    options.add_argument("--texts", type=Path, default=TEXTS, help="a CSV with the columns text and category")
    options.add_argument("--missed", type=int, default=0, metavar="N", help="also print N asks that were missed")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args(argv)
    if not chosen.texts.exists():
        print(f"Not measured: {chosen.texts} is absent. Fetch banking77's train.csv and name it with --texts.")
        return 2
    started = time.perf_counter()
    texts = labelled_texts(chosen.texts)
    seconds = time.perf_counter() - started
    whole, held = score(texts), score(t for t in texts if t.held_out)
    met = whole.precision >= PRECISION_GOAL and whole.recall >= RECALL_GOAL
    if chosen.json:
        print(json.dumps({"texts": len(texts), "precision": whole.precision, "recall": whole.recall, "goals_met": met,
                          "held_out": {"precision": held.precision, "recall": held.recall},
                          "confusions": {label: count for label, count, _ in confusions(texts)}}))
    else:
        _print_report(texts, whole, held, seconds, chosen.missed)
    return 0 if met else 1


def _print_report(texts: list[Labelled], whole: Score, held: Score, seconds: float, missed: int) -> None:
    print(f"{len(texts)} texts in {seconds:.1f} s; goals: precision {PRECISION_GOAL}, recall {RECALL_GOAL}")
    for name, figures in (("all texts", whole), ("held-out third", held)):
        print(f"{name:15} precision {figures.precision:.3f} ({figures.right} of {figures.proposed} proposed), "
              f"recall {figures.recall:.3f} ({figures.right} of {figures.asked} asked)")
    for label in sorted(ASKS_REFUND):
        of_label = score(t for t in texts if t.label == label)
        print(f"  {label}: {of_label.right} of {of_label.asked}")
    status = Counter(t.proposed for t in texts if t.label == "Refund_not_showing_up")
    print(f"  Refund_not_showing_up wrongly proposed: {status[True]} of {status.total()}")
    print("worst confusions:")
    for label, count, examples in confusions(texts)[:10]:
        print(f"  {count:3} {label}")
        for example in examples:
            print(f"        {' '.join(example.split())[:140]}")
    for labelled in [t for t in texts if t.asked and not t.proposed][:missed]:
        print(f"  missed ({labelled.label}): {' '.join(labelled.text.split())[:140]}")


if __name__ == "__main__":
    sys.exit(main())
