"""Is the encoding of a csv file proved, never merely hoped for?"""

from pathlib import Path

import pytest

from data.returns.flat_text import FileError, decoded, guess_encoding, read_text_rows

HERE = Path(__file__).resolve().parent.parent.parent.parent
REAL = HERE.parent / "shared" / "real"
SAMPLES = {
    "big5": [
        "行政區代碼,行政區名稱\n65000,新北市\n63000,臺北市",
        "犯罪人口率,少年,青年,成年,資料時間",
    ],
    "gb18030": ["单位,月份,指标,数值\n城东派出所,2024-10,接警总数,5", "盐城市公安局亭湖分局"],
    "latin-1": ["fmun;mes\nSão Gonçalo;1\nNiterói;2", "Município;Região", "naïve café – “déjà vu”"],
    "utf-8": ["单位,新北市,São Gonçalo,Акмолинская область", "plain"],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for name, texts in SAMPLES.items() for text in texts]
)
def test_the_bytes_prove_the_encoding(encoding: str, text: str) -> None:
    codec = {"latin-1": "cp1252"}.get(encoding, encoding)
    assert guess_encoding(text.encode(codec)) == encoding
    assert decoded(text.encode(codec), "x.csv") == text


def test_marks_at_the_beginning_are_believed() -> None:
    text = "单位,数值"
    assert decoded(text.encode("utf-8-sig"), "x.csv") == text
    assert decoded(text.encode("utf-16"), "x.csv") == text


@pytest.mark.parametrize(
    "content",
    ["伦敦".encode("gb18030"), "Акмолинская область".encode("cp1251"), bytes(range(128, 256))],
    ids=["two signs", "Cyrillic", "noise"],
)
def test_what_is_in_doubt_is_refused(content: bytes) -> None:
    assert guess_encoding(content) is None
    with pytest.raises(FileError) as refusal:
        decoded(content, "x.csv")
    assert "encoding" in refusal.value.say("en")
    assert "x.csv" in refusal.value.say("en")


def test_a_named_encoding_is_used_and_must_fit() -> None:
    assert decoded("伦敦".encode("gb18030"), "x.csv", "gb18030") == "伦敦"
    with pytest.raises(FileError) as refusal:
        decoded("São".encode("latin-1"), "x.csv", "utf-8")
    assert "says utf-8, but x.csv reads as latin-1" in refusal.value.say("en")
    with pytest.raises(FileError) as refusal:
        decoded(bytes(range(128, 256)), "x.csv", "utf-8")
    assert "not written in utf-8" in refusal.value.say("en")


@pytest.mark.parametrize(
    "text",
    [
        "fmun\nSão".encode().decode("latin-1"),
        "a\n新北市".encode().decode("latin-1"),
        "a\n\ufffd\ufffd",
        "a\n锟斤拷",
    ],
)
def test_garbled_text_is_refused_with_its_row(text: str) -> None:
    with pytest.raises(FileError) as refusal:
        decoded(text.encode(), "x.csv")
    assert "row 2" in refusal.value.say("en")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(f"mês{delimiter}ano\n1{delimiter}2024\n".encode("latin-1"))
    assert read_text_rows(path) == [["mês", "ano"], ["1", "2024"]]


@pytest.mark.parametrize(
    ("folder", "pattern", "encoding", "word"),
    [
        ("isp_rj_municipality", "BaseMunicipioMensal*.csv", "latin-1", "São Gonçalo"),
        ("taiwan_npa/tables", "111*.csv", "big5", "新北市"),
        ("taiwan_npa/tables", "主要*.csv", "utf-8", "臺北市"),
        ("saps_station/source_blocks", "*.csv", "utf-8", "Kimberley"),
    ],
)
def test_published_files_are_read_right(
    folder: str, pattern: str, encoding: str, word: str
) -> None:
    """Nothing is checked where the published files are not beside the repository."""
    files = list((REAL / folder).glob(pattern))
    found = [decoded(path.read_bytes(), path.name) for path in files]
    assert [guess_encoding(path.read_bytes()) for path in files] == [encoding] * len(files)
    assert not files or any(word in text for text in found)


@pytest.mark.parametrize("declared", ["latin-1", "gb18030", "big5", "utf-8", None])
@pytest.mark.parametrize("saved", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_copy_saved_as_unicode_is_read_whatever_the_form_says(
    declared: str | None, saved: str
) -> None:
    text = "município;mês\nSão Gonçalo;1\nNiterói;2\nSão João;3\n"
    assert decoded(text.encode(saved), "x.csv", declared) == text


def test_a_form_in_another_encoding_than_its_file_says_which_was_seen() -> None:
    text = "单位,月份,指标,数值\n城东派出所,2024-10,接警总数,5"
    with pytest.raises(FileError) as refusal:
        decoded(text.encode("gb18030"), "x.csv", "utf-8")
    said = refusal.value.say("en")
    assert "says utf-8, but x.csv reads as gb18030" in said
    assert "Save it as CSV UTF-8" in said


def test_a_file_of_zero_bytes_is_no_text() -> None:
    with pytest.raises(FileError) as refusal:
        decoded(bytes([1, 0, 0, 0, 65, 0, 0, 66]) * 40, "x.csv")
    assert "no text file" in refusal.value.say("en")
