from base64 import b64decode

from ui.spark import Spark, draw, sparkline

SERIES = Spark(
    values=[10.0, 12.0, None, 11.0, 20.0],
    lower=[8.0] * 5,
    centre=[11.0] * 5,
    upper=[14.0] * 5,
    readings=["none", "none", "none", "better", "worse"],
)


def test_a_gap_is_never_bridged() -> None:
    lines = [p for p in draw(SERIES, "light", 100, 40).split("<path") if "stroke-linejoin" in p]
    assert [line.count("L") for line in lines] == [1, 1]


def test_concern_is_a_diamond_and_improvement_a_dot() -> None:
    svg = draw(SERIES, "light", 100, 40)
    assert "<circle" in svg
    assert svg.count("#D9691E") == 1
    assert svg.split("#D9691E")[0].rsplit("<", 1)[1].startswith("path")


def test_each_theme_has_its_own_colours() -> None:
    assert "#F2935A" in draw(SERIES, "dark", 100, 40)
    assert "#EFF3F8" in draw(SERIES, "light", 100, 40)


def test_an_earlier_definition_is_pale_and_not_joined() -> None:
    svg = draw(Spark([1.0, 2.0, 3.0], old=[True, True, False]), "light", 100, 40)
    assert svg.count("stroke-linejoin") == 2
    assert svg.count("#C8CED6") == 1


def test_the_picture_is_an_image_with_words() -> None:
    image = sparkline(SERIES, '24 months "up"', "light")
    assert image.startswith('<img src="data:image/svg+xml;base64,')
    assert 'alt="24 months &#34;up&#34;"' in image
    data = image.split("base64,")[1].split('"')[0]
    assert b64decode(data).decode().startswith("<svg")
    assert sparkline(Spark([None, None]), "x", "light") == ""


def test_a_flat_series_stands_in_the_middle() -> None:
    assert "20.0" in draw(Spark([5.0, 5.0]), "light", 100, 40)
