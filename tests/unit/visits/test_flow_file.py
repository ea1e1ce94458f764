from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS
from vcs.visits.flow_file import OWN_FLOWS, BadFlow, load_flow, load_flows, read_flow

GOOD = TARGETS["flow"].seeds[0].decode()


def mistakes(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(BadFlow) as caught:
        read_flow(data, "it.yaml")
    return caught.value.mistakes


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_a_good_file_is_read_whole() -> None:
    flow = read_flow(GOOD.encode(), "it.yaml")
    assert (flow.name, flow.version, flow.result.en) == ("claim", 1, "Done.!")
    nik = flow.field("nik")
    assert nik is not None
    assert (nik.type, nik.agrees_with, nik.required, nik.hint) == ("nik", ["born"], False, None)
    step = flow.step("interview")
    assert step is not None
    assert (step.attended, step.signature, step.deal, len(step.questions)) == (True, True, 3, 4)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "type: nik",
            "type: nikk",
            "it.yaml:10: field 'nik': unknown type 'nikk' (one of: text, name, nik, date, phone, "
            "membership, bank_account, email, choice, address)",
        ),
        ("version: 1", "version: one", "2: flow 'claim': version: expected a whole number"),
        ("version: 1", "version: 0", "2: flow 'claim': version: 1 or more"),
        ("version: 1", "version: [1]", "2: flow 'claim': version: expected one value"),
        ("version: 1\n", "", "1: flow 'claim': 'version' is missing"),
        ("version: 1", "version: 1\nversion: 2", "3: the flow: 'version' stands here a second"),
        ("version: 1", "version: 1\nowner: me", "3: flow 'claim': unknown key 'owner' (one of: "),
        ("version: 1", "version: 1\n[a, b]: me", "3: the flow: a key must be a word, found a"),
        ("name: claim", "name: Claim 1", "1: flow 'Claim 1': a name is lower case"),
        ("name: claim", "name: c" + "x" * 40, "a name is lower case letters"),
        ("{id: Klaim, en: Claim}", "{id: Klaim}", "3: flow 'claim': title: 'en' is missing"),
        ("{id: Klaim, en: Claim}", "Klaim", "3: flow 'claim': title: expected keys and values"),
        ("{id: Klaim, en: Claim}", "{id: Klaim, en: ''}", "title: en: expected text, found not"),
        ("{id: Klaim, en: Claim}", "{id: Klaim, en: ~}", "title: en: expected text, found '~'"),
        ("{id: Klaim, en: Claim}", "{id: Klaim, en: [a]}", "en: expected text, found a list"),
        ("{id: Klaim, en: Claim}", '{id: Klaim, en: "a\\u202eb"}', "en: there is a character that"),
        ("{id: Klaim, en: Claim}", f"{{id: K, en: {'x' * 601}}}", "en: longer than 600 characters"),
        ("attended: true", "attended: yes", "13: step 'interview': attended: expected true or"),
        ("    attended: true\n", "", "15: step 'interview': questions need the officer: att"),
        ("name: identity", "name: consent", "6: step 'consent': every visit has this step"),
        ("name: interview", "name: identity", "11: step 'identity': this name is there twice in"),
        ("name: nik", "name: born", "10: field 'born': this name is there twice in this flow"),
        ("name: born", "name: today", "9: field 'today': this name means the day of the visit"),
        ("before: today", "before: nik", "9: field 'born': before: field 'nik' is no date"),
        ("before: today", "before: born", "9: field 'born': before: a date is not before itself"),
        ("before: today", "after: yesterday", "after: there is no field 'yesterday' (or: today)"),
        ("type: date, before", "type: text, before", "9: field 'born': before is for the type"),
        ("type: date, before: today", "type: choice", "9: field 'born': choices: two or more"),
        ("agrees_with: [born]", "agrees_with: [died]", "agrees_with: there is no field 'died'"),
        ("agrees_with: [born]", "agrees_with: [nik]", "'nik' is neither a date nor a choice of"),
        ("agrees_with: [born]", "agrees_with: [born, born]", "one date of birth, then one sex"),
        ("agrees_with: [born]", "agrees_with: born", "10: field 'nik': agrees_with: expected a"),
        ("agrees_with: [born]", "max_length: 1001", "10: field 'nik': max_length: 1 to 1000"),
        ("on_file: born", "on_file: died", "17: question 'a': on_file: there is no field 'died'"),
        ("C, en: C}, liveness", "C, en: C}, on_file: born, liveness", "an action has nothing on_"),
        ("on_file: born", "on_file: nik", "questions: 1 (without those about fields that may be"),
        ("deal: 3", "deal: 2", "15: step 'interview': deal: 3 or more, not 2"),
        ("    deal: 3\n", "", "11: step 'interview': deal: 3 or more, not 0"),
        ("deal: 3", "deal: 4", "16: step 'interview': questions: 2 (without"),
        ("rejections:\n  - {name: false_papers, label: {id: Tidak asli, en: Not genuine}}",
         "rejections: []", "21: flow 'claim': rejections: at least one"),
        ("  - {name: card", "  - card\n  - {name: card", "24: flow 'claim': missing 1: expected"),
        ("missing:", "missing:\n  - {name: card, label: {id: KTP, en: Card}}",
         "25: reason 'card': this name is there twice among what may be missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(old: str, new: str, told: str) -> None:
    found = mistakes(changed(old, new))
    assert sum(told in each for each in found) == 1, found
    assert all(each.startswith("it.yaml:") for each in found)


def test_no_liveness_action() -> None:
    found = mistakes(GOOD.replace(", liveness: true", ""))
    assert found == ["it.yaml:16: step 'interview': questions: none asks for a liveness action"]


def test_questions_without_a_pool_and_steps_without_anything() -> None:
    start, end = GOOD.index("    questions:"), GOOD.index("rejections:")
    found = mistakes((GOOD[:start] + GOOD[end:]).replace("    signature: true\n", ""))
    assert [text.split(": ", 1)[1] for text in found] == [
        "step 'interview': there is nothing to do: give it fields, captures, checks, questions or "
        "signature",
        "step 'interview': deal: there are no questions",
    ]


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    text = GOOD.replace("version: 1", "version: x").replace("type: nik", "type: nikk")
    text = text.replace("on_file: born", "on_file: died").replace("deal: 3", "deal: 1")
    assert [each.split(":")[1] for each in mistakes(text)] == ["2", "10", "15", "17"]


def test_what_rests_on_a_mistake_is_not_told_as_another() -> None:
    assert len(mistakes(changed("type: date", "type: day"))) == 1
    assert len(mistakes(changed("name: born", "name: []"))) == 1
    assert len(mistakes(changed("  - name: identity", "  - [step]\n  - nama: identity"))) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it.yaml:1: the file is empty"),
        ("just words", "it.yaml:1: the flow: expected keys and values, found 'just words'"),
        ("name: a\ntitle: [", "it.yaml:2: this is no YAML"),
        ("a: &a [x]\nb: [*a, *a]\n", "it.yaml:1: anchors and aliases"),
        ("a: 1\nb: *a\n", "it.yaml:2: anchors and aliases"),
        ("a: 1\nb: !!python/object/apply:os.system [x]\n", "it.yaml:2: tags (!) are not taken"),
        ("a: 1\n---\nb: 2\n", "it.yaml:2: there is a second document"),
        ("a: 1\nb: " + "[" * 17, "it.yaml:2: nested deeper than 16"),
        ("[" * 200_000, "it.yaml:1: nested deeper than 16"),
        (b"a: 1\nb: \xff\n", "it.yaml:2: this is no UTF-8 text"),
        ("a: 1\nb: \x07\n", "it.yaml:2: this character is not allowed: 0x0007"),
        ('a: "\\U00ffffff"', "it.yaml:1: this is no YAML"),
        ('a: "\\Uffffffff"', "it.yaml:1: this is no YAML"),
        ("#" * 262_145, "it.yaml:1: the file is larger than 262144 bytes"),
    ],
)
def test_what_is_no_tree_is_refused(text: str | bytes, told: str) -> None:
    found = mistakes(text)
    assert len(found) == 1
    assert found[0].startswith(told)


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    assert read_flow(b"\xef\xbb\xbf" + GOOD.encode(), "it.yaml").name == "claim"


def test_our_own_flows_are_in_order() -> None:
    loaded = load_flows()
    assert set(loaded) == {"jht", "death_benefit"}
    for flow in loaded.values():
        assert flow.digest == hashlib.sha256(flow.path.read_bytes()).hexdigest()
        assert flow.path.parent == OWN_FLOWS
        steps = [step.name for step in flow.flow.steps]
        assert steps[-1] == "interview"
        assert [step.attended for step in flow.flow.steps] == [False] * 4 + [True]
        assert {"id_card", "face"} <= {c.name for s in flow.flow.steps for c in s.captures}
        assert len(flow.flow.steps[-1].checks) == 6


def test_a_directory_tells_the_mistakes_of_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(GOOD)
    (tmp_path / "c.yaml").write_text(changed("version: 1", "version: x"))
    (tmp_path / "d.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "e.txt").write_text("nothing of ours")
    with pytest.raises(BadFlow) as caught:
        load_flows(tmp_path)
    assert [each.rpartition("/")[2] for each in caught.value.mistakes] == [
        "b.yaml:1: the flow 'claim' is in a.yaml already",
        "c.yaml:2: flow 'claim': version: expected a whole number, found 'x'",
        "d.yaml: No such file or directory",
    ]


def test_a_directory_without_flows_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadFlow, match="there are no flows"):
        load_flows(tmp_path)


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(BadFlow, match="larger than"):
        load_flow(path)


def test_the_example_in_the_documents_is_a_flow() -> None:
    text = (Path(__file__).parents[3] / "docs" / "flows.md").read_text("utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    assert read_flow(example.encode(), "example.yaml").name == "address_change"
