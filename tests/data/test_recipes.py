"""The recipe of data/README.md for sets that live in git repositories, on a repository made for it."""

import re
import subprocess
import sys

from animestudy.paths import ROOT


def git(folder, *words):
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def repository(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "made")
    return folder


def test_dvc_import_notes_the_revision_and_git_takes_no_picture(tmp_path):
    page = (ROOT / "data/README.md").read_text(encoding="utf-8")
    address, path, out = re.search(r"dvc import (\S+kaokore) (\S+) --out (\S+)", page).groups()
    source = repository(
        tmp_path / "source", {f"{path}/labels.csv": "a\n", f"{path}/urls.txt": "http://k/x\n"}
    )
    kept = ("data/.gitignore", "data/raw/.gitignore", ".dvc/config", ".dvc/.gitignore")
    study = repository(tmp_path / "study", {name: (ROOT / name).read_text() for name in kept})
    words = ["import", str(source), path, "--out", out]
    done = subprocess.run([sys.executable, "-m", "dvc", *words], cwd=study, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (study / out / "urls.txt").read_text() == "http://k/x\n" and address.startswith("https://")
    git(study, "add", "--all")
    assert git(study, "diff", "--cached", "--name-only").split() == [f"{out}.dvc"]
    assert git(source, "rev-parse", "HEAD").strip() in (study / f"{out}.dvc").read_text()
