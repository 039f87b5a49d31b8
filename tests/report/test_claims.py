"""The stage that writes the verdicts: all or nothing, and one line where something is missing."""

import json

import pytest

from animestudy.paths import ROOT
from animestudy.report import claims
from animestudy.stats import verdicts


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A study whose recorded numbers are all 1 ± 0.1."""
    text = (ROOT / "claims.yaml").read_text()
    (tmp_path / "claims.yaml").write_text(text)
    books = {}
    for claim in verdicts.read(ROOT / "claims.yaml"):
        for part in (*claim.atelier, *claim.real):
            book = books.setdefault(part.file or f"metrics/{claim.notebook}", {})
            for path, leaf in ((part.measure, {part.value: 1.0, "low": 0.9, "high": 1.1}), (part.p, 0.01)):
                *keys, last = path.split("/")
                for key in keys:
                    book = book.setdefault(key, {})
                if path:
                    book[last] = leaf
                book = books[part.file or f"metrics/{claim.notebook}"]
    for name, book in books.items():
        file = tmp_path / "reports" / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(book))
    monkeypatch.setattr(claims, "ROOT", tmp_path)
    return tmp_path


def test_every_claim_gets_its_word(root, capsys):
    assert claims.main([]) == 0
    written = json.loads((root / "reports/claims.json").read_text())
    words = {claim[side]["verdict"] for claim in written["claims"] for side in ("atelier", "real")}
    assert words <= {*verdicts.VERDICTS, "not measured"}
    assert "→ reports/claims.json" in capsys.readouterr().err
    before = (root / "reports/claims.json").read_bytes()
    assert claims.main([]) == 0 and (root / "reports/claims.json").read_bytes() == before


def test_a_missing_number_fails_the_build_and_writes_nothing(root, capsys):
    (root / "reports/metrics/06_ablation.json").write_text("{}")
    assert claims.main([]) == 2
    message = capsys.readouterr().err
    assert message.startswith("claims: metrics/06_ablation.json: no number at") and message.count("\n") == 1
    assert not (root / "reports/claims.json").exists()


def test_it_takes_no_arguments(capsys):
    assert claims.main(["other.yaml"]) == 2
    assert "takes no arguments" in capsys.readouterr().err
