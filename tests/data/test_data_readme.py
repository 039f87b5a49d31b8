"""The example of data/README.md runs as it is printed."""

import re

from animestudy import paths


def test_the_example_runs(tmp_path, capsys):
    page = (paths.ROOT / "data" / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, flags=re.S)
    place = str(tmp_path / "example")
    exec(code.replace("scratch/example", place), {})
    assert capsys.readouterr().out == "(6, 64, 64, 3) ['ink', 'watercolour']\n"
