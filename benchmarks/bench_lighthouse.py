"""Lighthouse over the pages of the platform: accessibility and best practices, per page, at least 95 of 100."""

import argparse
import json
import os
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks.bench import ROOT, Measure, Platform, platform_of_its_own, report, table
from benchmarks.browser import CHROMIUM, FLAGS, node_packages

LEAST = 95
CATEGORIES = ("accessibility", "best-practices")
FORMS = {"desktop": ["--preset=desktop"], "phone": []}


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=5_000)
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    node_packages()
    rows: list[list[object]] = []
    measures: list[Measure] = []
    with platform_of_its_own("lighthouse", keep=str(arguments.parcels) if arguments.keep else "") as own:
        with own.connect() as connection:
            made = connection.execute("SELECT EXISTS (SELECT FROM parcels_parcel)").fetchone() == (True,)
        if not made:
            own.manage("make_demo_city", "--parcels", str(arguments.parcels))
        own.manage("compress_static")
        with own.served() as url:
            for page, path in pages(own, url).items():
                for form, options in FORMS.items():
                    scores, faults = judged(f"{url}{path}", options)
                    rows += [[page, form, name, score, faults[name]] for name, score in scores.items()]
                    measures += [
                        Measure(f"{page}_{form}_{name.replace('-', '_')}", score, "points", LEAST, at_least=True)
                        for name, score in scores.items()
                    ]
        table(["page", "form", "category", "score", "what was found"], rows)
        return report("lighthouse", measures, own.server_version)


def pages(own: Platform, url: str) -> dict[str, str]:
    """The pages that are judged, by a short name: those of them that there are."""
    with own.connect() as connection:
        found = connection.execute(
            "SELECT code FROM published.parcels WHERE valid_during @> current_date AND upper_inf(recorded_during)"
            " ORDER BY code LIMIT 1"
        ).fetchone()
    assert found
    wanted = {"map": "/", "search": "/search?q=12", "parcel": f"/parcels/{found[0]}", "sign_in": "/accounts/login/",
              "table": "/table", "print": "/print"}  # fmt: skip
    return {name: path for name, path in wanted.items() if there(f"{url}{path}")}


def there(address: str) -> bool:
    """Whether the platform has such a page."""
    try:
        with urlopen(address, timeout=30):  # noqa: S310 - our own server
            return True
    except HTTPError as answer:
        return answer.code != 404


def judged(address: str, options: list[str]) -> tuple[dict[str, float], dict[str, str]]:
    """Scores of 100 by category, and what Lighthouse found in each."""
    command = ["node", str(ROOT / "benchmarks/node_modules/lighthouse/cli/index.js"), address, "--quiet",
               "--output=json", f"--only-categories={','.join(CATEGORIES)}", *options,
               f"--chrome-flags=--headless=new {' '.join(FLAGS)}"]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)  # noqa: S603
    if done.returncode:
        sys.exit(f"Lighthouse failed for {address}:\n{done.stderr[-2000:]}")
    told = json.loads(done.stdout)
    if "runtimeError" in told:
        sys.exit(f"Lighthouse could not judge {address}: {told['runtimeError']['message']}")
    scores = {name: round(100 * told["categories"][name]["score"], 1) for name in CATEGORIES}
    faults = {
        name: ", ".join(
            audit["id"]
            for audit in told["categories"][name]["auditRefs"]
            if (score := told["audits"][audit["id"]]["score"]) is not None and score < 1
        )
        for name in CATEGORIES
    }
    return scores, faults


if __name__ == "__main__":
    sys.exit(main())
