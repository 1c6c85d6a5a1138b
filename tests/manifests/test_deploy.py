"""What Deskhand is run with: image, compose, systemd and proxies agree with the program and with each other.

Their own linters check them where they are installed; what they cannot see is checked here always.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import BaseModel

from scripts import serve
from scripts.cli import COMMANDS, main
from webhooks.config import Config, load_config
from webhooks.delivered import LARGEST_BODY
from webhooks.salesforce import DOOR
from webhooks.settings import Own, connectors

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "manifests" / "deploy"
NOT_OURS = {"POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD"}
SETTING = re.compile(r"\b((?:DESKHAND|ZENDESK|STRIPE|SALESFORCE|OPENAI|POSTGRES)_[A-Z_]+)\b")


def read(name: str) -> str:
    return (DEPLOY / name).read_text()


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(read("compose.yaml")))


def unit() -> dict[str, list[str]]:
    """Per key of the unit's sections all its values."""
    found: dict[str, list[str]] = {}
    for line in read("deskhand.service").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def settings() -> set[str]:
    models: list[type[BaseModel]] = [Own, *(connector.settings for connector in connectors())]
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def files() -> list[str]:
    return sorted(path.name for path in DEPLOY.iterdir() if path.is_file())


@pytest.mark.parametrize("name", files())
def test_every_setting_named_in_them_is_one(name: str) -> None:
    assert set(SETTING.findall(read(name))) <= settings() | NOT_OURS


def test_the_example_settings_hold_no_value_and_read_like_a_dotenv() -> None:
    for name in ("deskhand.env.example", "database.env.example"):
        lines = [line for line in read(name).splitlines() if line and not line.startswith("#")]
        assert lines
        assert all(re.fullmatch(r"[A-Z_]+=", line) for line in lines), lines


def test_what_must_be_set_is_in_the_example() -> None:
    names = {line.partition("=")[0] for line in read("deskhand.env.example").splitlines() if "=" in line}
    needed = {field.alias for field in Own.model_fields.values() if field.is_required()}
    assert needed | {"DESKHAND_PUBLIC_URL", "ZENDESK_WEBHOOK_SECRET", "STRIPE_API_KEY"} <= names


def test_all_speak_of_the_port_that_serve_listens_on() -> None:
    port = str(serve.DEFAULT_PORT)
    assert f"EXPOSE {port}" in read("Dockerfile")
    assert f"127.0.0.1:{port}/healthz" in read("Dockerfile")
    assert compose()["services"]["deskhand"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"reverse_proxy 127.0.0.1:{port}" in read("Caddyfile")
    assert f"proxy_pass http://127.0.0.1:{port};" in read("nginx.conf")
    assert f"--port {port}" in unit()["ExecStart"][0]


def commands() -> Iterator[list[str]]:
    image = re.findall(r'^CMD (\[.*\])$', read("Dockerfile"), re.MULTILINE)
    yield from (yaml.safe_load(one) for one in image)
    yield compose()["services"]["work"]["command"]
    for line in [*unit()["ExecStart"], *unit()["ExecStopPost"]]:
        program, *arguments = line.lstrip("-").split()
        assert program.endswith("/bin/deskhand")
        yield arguments


def test_what_they_start_is_a_command_with_these_options() -> None:
    found = list(commands())
    assert [one[0] for one in found] == ["serve", "work", "serve", "stop-database"]
    for name, *options in found:
        assert name in COMMANDS
        said = CliRunner().invoke(main, [name, "--help"]).output
        assert all(option in said for option in options if option.startswith("--"))


def test_the_proxies_take_what_deskhand_takes_and_no_more() -> None:
    assert LARGEST_BODY == 256 * 1024
    assert "client_max_body_size 256k;" in read("nginx.conf")
    assert "max_size 256KiB" in read("Caddyfile")


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_operations_is_not_public(path: str) -> None:
    assert f"location = {path} {{ return 404; }}" in read("nginx.conf")
    assert re.search(rf"@inside path .*{path}\b", read("Caddyfile"))
    assert "respond @inside 404" in read("Caddyfile")


def nginx_blocks(opening: str) -> list[str]:
    """What stands in each block that is opened so, blocks within it left out."""
    said = re.sub(r"#.*", "", read("nginx.conf"))
    return re.findall(re.escape(opening) + r"\s*\{((?:[^{}]|\{[^{}]*\})*)\}", said)


@pytest.mark.parametrize("opening", ["location ^~ /confirm/", f"location ^~ {DOOR}"])
def test_nginx_writes_no_link_that_says_yes_and_no_token_of_a_door_to_its_logs(opening: str) -> None:
    """A line of the error log names the whole request, too."""
    (block,) = nginx_blocks(opening)
    assert re.findall(r"[^;{}\s][^;{}]*", block) == [
        "access_log off", "error_log /dev/null emerg", f"proxy_pass http://127.0.0.1:{serve.DEFAULT_PORT}"]


def test_nginx_logs_nothing_where_it_only_sends_on_to_tls() -> None:
    (plain,) = (block for block in nginx_blocks("server") if "listen 80;" in block)
    assert "access_log off;" in plain


def test_caddy_names_no_address_in_its_log() -> None:
    """It keeps no log of requests, and quotes the request beside an error."""
    assert "log { format filter { wrap json fields { request>uri delete } } }" in " ".join(read("Caddyfile").split())


def test_nobody_else_on_the_machine_is_served_without_tls() -> None:
    assert compose()["services"]["deskhand"]["ports"] == ["127.0.0.1:8080:8080"]
    assert "ports" not in compose()["services"]["database"]
    assert compose()["networks"]["inside"] == {"internal": True}
    assert "--host 127.0.0.1" in unit()["ExecStart"][0]


def test_a_stop_leaves_time_for_what_runs() -> None:
    """The worker gives passes their patience, and is waited for ten seconds longer."""
    longest = serve.LONGEST_STOP
    assert int(compose()["services"]["deskhand"]["stop_grace_period"].removesuffix("s")) > longest
    assert int(unit()["TimeoutStopSec"][0]) > longest
    assert (unit()["KillSignal"], unit()["KillMode"]) == (["SIGTERM"], ["mixed"])
    assert "STOPSIGNAL SIGTERM" in read("Dockerfile")


def test_what_the_settings_name_is_laid_there_by_the_guide_and_its_commands_read_the_same() -> None:
    guide, [said] = read("README.md"), unit()["Environment"]
    for one in said.split():
        assert f"-E {one}" in guide
        assert f" {one.partition('=')[2]} " in guide
    inside = compose()["services"]["deskhand"]["environment"]
    for at in (inside["DESKHAND_CONFIG"], inside["DESKHAND_POLICY"]):
        assert f" {at.lstrip('/')} " in guide
    assert "cp scripts/deskhand.toml /etc" in guide
    assert "cp ../../scripts/deskhand.toml config" in guide
    assert load_config(ROOT / "scripts" / "deskhand.toml") == Config()


def test_the_image_is_locked_unprivileged_and_takes_nothing_secret_along() -> None:
    said = read("Dockerfile")
    assert said.count("uv sync --frozen --no-dev") == 2
    assert re.search(r"^USER 10001:10001$", said, re.MULTILINE)
    assert said.index("USER ") > said.rindex("RUN ")
    assert "HEALTHCHECK" in said
    assert not re.search(r"^(ARG|ADD)\b|COPY \. ", said, re.MULTILINE)
    ignored = [line for line in read("Dockerfile.dockerignore").splitlines() if line and not line.startswith("#")]
    assert ignored[0] == "*"
    assert {"**/.env*", "**/*.env", "**/*.pem", "**/*.key"} <= set(ignored)


def test_the_image_takes_everything_that_the_package_needs() -> None:
    packages = re.search(r"^packages = (\[.*\])$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages
    copied = {line.split()[1] for line in read("Dockerfile").splitlines() if re.match(r"COPY \w+ \w+$", line)}
    assert copied == set(yaml.safe_load(packages[1]))
    allowed = {line[1:] for line in read("Dockerfile.dockerignore").splitlines() if line.startswith("!")}
    assert copied | {"pyproject.toml", "uv.lock", "README.md", "LICENSE"} == allowed
    assert all((ROOT / name).exists() for name in allowed)


def test_the_containers_may_do_little() -> None:
    deskhand = compose()["services"]["deskhand"]
    assert (deskhand["read_only"], deskhand["cap_drop"]) == (True, ["ALL"])
    assert deskhand["security_opt"] == ["no-new-privileges:true"]
    assert deskhand["depends_on"] == {"database": {"condition": "service_healthy"}}
    for service in compose()["services"].values():
        assert service["restart"] == "unless-stopped"
        assert not [name for name in service.get("environment", {}) if re.search("SECRET|PASSWORD|KEY|TOKEN", name)]
    assert {name: one["env_file"] for name, one in compose()["services"].items()} == {
        "database": "database.env", "deskhand": "deskhand.env", "work": "deskhand.env"}


def test_a_worker_is_as_the_server_but_for_its_port_and_its_health() -> None:
    serve, work = compose()["services"]["deskhand"], compose()["services"]["work"]
    assert {name: work[name] for name in set(work) - set(serve)} == {
        "command": ["work"], "scale": 0, "healthcheck": {"disable": True}}
    assert set(serve) - set(work) == {"ports"}
    assert [name for name in set(serve) & set(work) if serve[name] != work[name]] == []


def test_a_backup_leaves_the_container_and_never_goes_into_the_image() -> None:
    volumes, guide = compose()["services"]["deskhand"]["volumes"], read("README.md")
    assert "./backups:/backups" in volumes
    assert "install -d -m 0700 -o 10001 -g 10001 backups" in guide
    assert "deskhand deskhand backup /backups/" in guide
    assert "run --rm deskhand restore --replace /backups/" in guide
    ignored = read("Dockerfile.dockerignore").splitlines()
    assert {"manifests/deploy/backups", "manifests/deploy/config"} <= set(ignored[ignored.index("!manifests"):])


def test_the_unit_may_do_little() -> None:
    said = {name: values[0] for name, values in unit().items()}
    assert (said["User"], said["NoNewPrivileges"], said["ProtectSystem"]) == ("deskhand", "yes", "strict")
    assert (said["CapabilityBoundingSet"], said["UMask"]) == ("", "0077")
    assert said["WorkingDirectory"] == f"/var/lib/{said['StateDirectory']}"
    assert said["EnvironmentFile"] == "/etc/deskhand/deskhand.env"


def tool(name: str) -> str:
    places = (str(Path(sys.executable).parent), None, "/usr/sbin:/sbin")
    found = next((path for place in places if (path := shutil.which(name, path=place))), None)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def checked(*arguments: str, cwd: Path = DEPLOY) -> str:
    said = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout + said.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    assert checked(tool("hadolint"), "--no-color", "Dockerfile") == ""


def compose_in(folder: Path) -> list[str]:
    """Its command: docker's own, else the older one of distributions, for which the project's name is taken out."""
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:  # noqa: S603
        return [docker, "compose"]
    file = folder / "compose.yaml"
    file.write_text(file.read_text().replace("name: deskhand\n", "", 1))
    return [tool("docker-compose")]


def test_compose_reads_its_file(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "compose.yaml", tmp_path)
    for name in ("deskhand", "database"):
        shutil.copy(DEPLOY / f"{name}.env.example", tmp_path / f"{name}.env")
    assert "inside" in checked(*compose_in(tmp_path), "config", cwd=tmp_path)


def test_systemd_reads_the_unit_and_finds_it_well_kept_in(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze")
    file = tmp_path / "deskhand.service"
    program = Path(sys.executable).with_name("deskhand")
    file.write_text(read("deskhand.service").replace("/opt/deskhand/.venv/bin/deskhand", str(program)))
    assert checked(analyze, "verify", "--man=no", str(file)).strip() == ""
    rated = checked(analyze, "security", "--offline=yes", "--no-pager", str(file))
    exposure = re.search(r"Overall exposure level for deskhand.service: ([0-9.]+)", rated)
    assert exposure
    assert float(exposure[1]) < 3


def test_caddy_reads_its_file() -> None:
    checked(tool("caddy"), "validate", "--adapter", "caddyfile", "--config", "Caddyfile")


def test_nginx_reads_its_file(tmp_path: Path) -> None:
    nginx = tool("nginx")
    certificate(tmp_path)
    said = read("nginx.conf").replace("/etc/ssl/deskhand", str(tmp_path))
    said = said.replace("listen 80;", "listen 127.0.0.1:8081;").replace("listen 443 ", "listen 127.0.0.1:8443 ")
    temporary = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "all.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}} "
        f"http {{ access_log {tmp_path}/access; {temporary}\n{said}\n}}")
    assert "test is successful" in checked(nginx, "-t", "-c", str(tmp_path / "all.conf"), "-p", str(tmp_path), "-e",
                                           str(tmp_path / "errors"))


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "deskhand.example.com")])
    now = datetime.now(UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256()))
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
