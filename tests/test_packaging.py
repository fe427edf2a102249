"""What is shipped around the code: containers, requirements, examples, README, and CI."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.definitions import PAGE, page
from eqho.metrics.definitions import METRICS
from eqho.settings import load_settings
from eqho.sources.stripe.kinds import STRIPE_KINDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
RUN = (
    "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && "
    ".venv/bin/streamlit run dashboard.py"
)
TEST = "python3 -m venv .venv && .venv/bin/pip install -r requirements-dev.txt && .venv/bin/pytest"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert sorted(compose["volumes"]) == ["eqho", "mongodb"]
    found: dict[str, Any] = compose["services"]
    return found


def test_compose_runs_mongodb_8_with_a_health_check_and_a_volume(services: dict[str, Any]) -> None:
    mongodb = services["mongodb"]
    assert mongodb["image"] == "mongo:8.0"
    assert mongodb["healthcheck"]["test"][:2] == ["CMD", "mongosh"]
    assert "ping" in mongodb["healthcheck"]["test"][-1]
    assert mongodb["container_name"] == "eqho-mongodb"
    made = "./docs/mongodb/least_privilege.js:/docker-entrypoint-initdb.d/least_privilege.js:ro"
    assert mongodb["volumes"] == ["mongodb:/data/db", made]
    assert (ROOT / "docs/mongodb/least_privilege.js").exists()


def test_compose_takes_the_password_from_the_environment_or_stops(services: dict[str, Any]) -> None:
    password = r"\$\{MONGODB_PASSWORD:\?[^}]+\}"
    assert re.fullmatch(password, services["mongodb"]["environment"]["MONGO_INITDB_ROOT_PASSWORD"])
    url = services["dashboard"]["environment"]["MONGODB_URL"]
    assert re.fullmatch(rf"mongodb://eqho_dashboard:{password}@mongodb:27017/\?authSource=eqho_metrics", url)
    assert services["mongodb"]["environment"]["MONGO_INITDB_ROOT_USERNAME"] == "eqho"


def test_compose_publishes_on_this_machine_only(services: dict[str, Any]) -> None:
    assert services["mongodb"]["ports"] == ["127.0.0.1:27017:27017"]
    assert services["dashboard"]["ports"] == ["127.0.0.1:8501:8501"]


def test_the_dashboard_waits_for_a_healthy_database_and_keeps_its_files(services: dict[str, Any]) -> None:
    dashboard = services["dashboard"]
    assert dashboard["build"] == "."
    assert dashboard["depends_on"] == {"mongodb": {"condition": "service_healthy"}}
    assert dashboard["env_file"] == [{"path": "${EQHO_ENV_FILE:-.env}", "required": False}]
    assert dashboard["volumes"] == [f"eqho:{dashboard['environment']['EQHO_DATA_DIR']}"]


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines())
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line and line[0] != "#"]


def test_the_image_starts_from_an_exact_python_and_runs_as_nobody_special() -> None:
    steps = dict(instructions())
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm", steps["FROM"])
    assert steps["USER"] == "eqho"
    order = [name for name, _ in instructions()]
    assert order.index("USER") > max(i for i, name in enumerate(order) if name in ("RUN", "COPY"))


def test_the_image_listens_on_8501_and_asks_its_own_health() -> None:
    steps = dict(instructions())
    assert steps["EXPOSE"] == "8501"
    assert "http://127.0.0.1:8501/health" in steps["HEALTHCHECK"]
    assert "STREAMLIT_SERVER_ADDRESS=0.0.0.0" in steps["ENV"]
    assert steps["CMD"] == '["streamlit", "run", "dashboard.py"]'


def test_the_image_holds_what_the_dashboard_needs_and_no_secret() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    taken = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert lines[0] == "*"
    needed = {"dashboard.py", "eqho", "eqho.toml", "pages", "requirements.txt", ".streamlit/config.toml"}
    assert needed <= set(taken)
    assert all((ROOT / path).exists() for path in taken)
    assert not {".env", ".streamlit", ".streamlit/secrets.toml", ".eqho"} & set(taken)


def test_every_setting_stands_in_the_readme_and_the_example_with_its_default(tmp_path: Path) -> None:
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", README, re.MULTILINE))
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    names = [row.name for row in load_settings(tmp_path).provenance()]
    assert list(table) == names
    assert {name: cell.strip("`") for name, cell in table.items()} == example


def test_the_readme_names_every_permission_of_the_key() -> None:
    section = README.split("## Connect Stripe")[1].split("\n## ")[0]
    named = re.findall(r"^\| ([A-Z][A-Za-z ]+) \|", section, re.MULTILINE)
    assert sorted(named) == sorted({kind.permission for kind in STRIPE_KINDS.values()})


@pytest.mark.parametrize("command", [RUN, TEST])
def test_the_readme_gives_the_command_once_in_a_block_of_its_own(command: str) -> None:
    assert README.count(f"```bash\n{command}\n```") == 1


def test_ci_runs_the_readmes_test_command_and_the_checks() -> None:
    commands = [line for line in CI.splitlines() if ".venv" in line and not line.startswith("#")]
    install, test = TEST.rsplit(" && ", 1)
    assert commands == [
        install,
        ".venv/bin/ruff check .",
        ".venv/bin/ruff format --check .",
        ".venv/bin/mypy",
        ".venv/bin/lint-imports",
        f"EQHO_REQUIRE_SERVICES=1 {test}",
    ]
    assert "set -euo pipefail" in CI


def test_ci_is_a_script_that_bash_understands_and_may_run() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_exact_and_say_what_they_are_for(file: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if not line.startswith(("#", "-r "))]
    exact = re.compile(r"[A-Za-z0-9_-]+(\[\w+\])?==[\w.]+(; [^#]+)?\s+# \S.+")
    assert len(packages) >= 10
    assert [line for line in packages if not exact.fullmatch(line)] == []


def test_the_development_requirements_hold_the_others() -> None:
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text().splitlines()


def test_the_definitions_page_is_what_the_definitions_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
    assert page().count("\n## ") == len(METRICS)


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert "docs/definitions.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_screenshot_is_a_picture_of_the_overview_at_1440_pixels() -> None:
    picture = (ROOT / "docs" / "overview.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture[16:20], "big") == 1440


def test_the_readme_speaks_of_the_version_of_python_that_is_required() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert "Python 3.11" in README
