from __future__ import annotations

from pathlib import Path

from tests.unit.commands.conftest import Vcs
from vcs.visits.flow_file import OWN_FLOWS


def test_a_good_flow_is_summed_up(vcs: Vcs) -> None:
    result = vcs(f"flow check {OWN_FLOWS / 'jht.yaml'}")
    assert result.exit_code == 0, result.output
    assert "flow jht, version 1: Klaim JHT (JHT claim)" in result.output
    assert "  identity (alone): 8 fields" in result.output
    assert "  interview (with the officer): 6 checks, 14 questions, 3 dealt, signature" in (
        result.output
    )


def test_mistakes_are_shown_with_their_lines(vcs: Vcs, tmp_path: Path) -> None:
    good = (OWN_FLOWS / "jht.yaml").read_text("utf-8")
    bad = tmp_path / "mine.yaml"
    bad.write_text(good.replace("type: nik\n", "type: nikk\n").replace("deal: 3", "deal: 2"))
    line = good.splitlines().index("        type: nik") + 1
    result = vcs(f"flow check {bad} {OWN_FLOWS / 'death_benefit.yaml'}")
    assert result.exit_code == 1
    assert f"mine.yaml:{line}: field 'nik': unknown type 'nikk' (one of: text," in result.output
    assert "deal: 3 or more, not 2" in result.output
    assert "flow death_benefit, version 1" in result.output
    assert "Error: 2 mistakes" in result.output


def test_a_file_that_is_not_there(vcs: Vcs) -> None:
    result = vcs("flow check nowhere.yaml")
    assert result.exit_code == 1
    assert "nowhere.yaml: No such file or directory" in result.output
