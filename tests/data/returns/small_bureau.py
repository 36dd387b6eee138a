"""Write a small bureau with one published form, for tests that read such a form."""

from pathlib import Path

from data.catalog import load_catalog
from data.definition_types import Catalog

BUREAU = """
name = {zh = "小局", en = "Small bureau"}
root = "land"
year_start = %d
minimum_base = 0
[[levels]]
code = "land"
name = {zh = "全境", en = "Land"}
[[levels]]
code = "province"
name = {zh = "省", en = "Province"}
[[levels]]
code = "station"
name = {zh = "所", en = "Station"}
[[levels]]
code = "published"
name = {zh = "公布", en = "Published"}
own_of = "province"
[categories]
crime = {zh = "犯罪", en = "Crime"}
"""
UNITS = """code,level,group,name_zh,name_en,short_zh,short_en,opened,closed
land,land,,全境,Land,全境,Land,,
north,province,,北省,North,北省,North,,
north_published,published,,北省公布数,"North, published",北省公布数,"North, published",,
aba,station,,甲所,Aba (N),甲所,Aba,,
taipei,station,,臺北市,Taipei City,臺北市,Taipei,,
"""
PARENTS = """unit,parent,from,to
north,land,,
north_published,north,,
aba,north,,
taipei,north,,
"""
ALIASES = """unit,alias
aba,Aba police station
"""
MEASURES = {"murder": "station", "theft": "station", "murder_published": "published"}


def bureau(
    folder: Path, options: str, frequency: str = "A", layout: str = "matrix", year_start: int = 1
) -> Catalog:
    """Return the catalogue of a small bureau whose form `f` has the given options."""
    (folder / "forms").mkdir(parents=True, exist_ok=True)
    (folder / "indicators").mkdir(exist_ok=True)
    (folder / "bureau.toml").write_text(BUREAU % year_start, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "unit_parents.csv").write_text(PARENTS, encoding="utf-8")
    (folder / "unit_aliases.csv").write_text(ALIASES, encoding="utf-8")
    entries = [_measure(code, level, frequency) for code, level in MEASURES.items()]
    (folder / "measures.toml").write_text("\n".join(entries), encoding="utf-8")
    codes = ", ".join(f'"{code}"' for code in MEASURES)
    head = (
        f'code = "f"\nname = {{zh = "表", en = "Form"}}\nlayouts = ["{layout}"]\n'
        f'frequency = "{frequency}"\nfilers = ["station"]\nmeasures = [{codes}]\n[options]\n'
    )
    (folder / "forms" / "f.toml").write_text(head + options, encoding="utf-8")
    return load_catalog(folder)


def _measure(code: str, level: str, frequency: str) -> str:
    window = {"M": "month", "Q": "quarter", "A": "year"}[frequency]
    return f"""
[{code}]
name = {{zh = "{code}数", en = "{code.replace("_", " ").capitalize()}"}}
definition = {{zh = "x", en = "x"}}
category = "crime"
form = "f"
filers = ["{level}"]
unit = {{zh = "起", en = "cases"}}
value_type = "money"
kind = "count"
frequency = "{frequency}"
windows = ["{window}"]
"""
