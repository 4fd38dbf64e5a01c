"""What deploy/ and the container files ship: read by the programs that they are for, and two servers behind real ones.

No container engine runs in these tests: Dockerfile and compose.yaml are read as strictly as can be without one.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from feedsvc.cli import COMMANDS
from tests.conftest import need_program
from tests.service import PATIENCE, ROOT, Reply, Service, copy_samples, feedsvc, free_port, wait_until
from tests.test_serving_files import replaced, running

DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
#: Of the exposure that systemd counts, from 0 to 10: a tenth of what a unit without any of it has.
EXPOSED = 1.5
#: Said anew by each server of a chain.
OWN = ("connection", "date", "keep-alive", "server", "transfer-encoding", "via")
SECRET = "c2VjcmV0LW9mLWEtcGFydG5lcg"


@dataclass(frozen=True)
class Front:
    """A web server with two of ours behind it: where it listens, and how to ask it."""

    port: int
    ask: Callable[..., Reply]


# -------------------------------------------------------------------------------------- two servers behind a third one


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, collected, of a site that has a public name."""
    made = tmp_path_factory.mktemp("fleet")
    copy_samples(made)
    config = made / "config.toml"
    text = config.read_text(encoding="utf-8").replace("# base_url", "base_url")
    config.write_text(f"{text}\n[websub]\nhub = true\n", encoding="utf-8")
    assert feedsvc(made, "collect").returncode == 0
    return made


@pytest.fixture(scope="module")
def servers(folder: Path) -> Iterator[tuple[Service, Service]]:
    with Service(folder, command="serve") as one, Service(folder, command="serve") as two:
        yield one, two


@contextmanager
def nginx(place: Path, one: int, two: int) -> Iterator[Front]:
    """nginx with the shipped file, and what Debian's own has around it; it logs in the folder."""
    program, port = need_program("nginx"), free_port()
    ports = {"listen 80;": f"listen 127.0.0.1:{port};", "127.0.0.1:8001": f"127.0.0.1:{one}"}
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    (place / "feedsvc.conf").write_text(replaced(text, **ports, **{"127.0.0.1:8002": f"127.0.0.1:{two}"}))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    (place / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {place}/nginx.pid; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; gzip on; access_log {place}/access.log; error_log {place}/error.log;\n"
        + "".join(f"{kind}_temp_path {place}/{kind};\n" for kind in kinds)
        + f"include {place}/feedsvc.conf; }}\n"
    )
    command = [program, "-e", f"{place}/start.log", "-p", str(place), "-c", str(place / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with running(command, port) as ask:
        yield Front(port, ask)


@contextmanager
def caddy(place: Path, one: int, two: int) -> Iterator[Front]:
    """Caddy with the shipped file, told by its environment what an operator would tell it."""
    program, port = need_program("caddy"), free_port()
    environ = {
        **os.environ,
        **dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(place)),
        "FEEDSVC_SITE": f"http://reviews.example:{port}",
        "FEEDSVC_SERVERS": f"127.0.0.1:{one} 127.0.0.1:{two}",
    }
    text = replaced(
        (DEPLOY / "Caddyfile").read_text(encoding="utf-8"),
        **{
            "\n{\n": "\n{\n\tadmin off\n\tdefault_bind 127.0.0.1\n",
            "log {\n": f"log {{\n\t\toutput file {place}/error.log\n",
        },
    )
    (place / "Caddyfile").write_text(text, encoding="utf-8")
    chosen = ["--config", str(place / "Caddyfile"), "--adapter", "caddyfile"]
    checked = subprocess.run([program, "validate", *chosen], env=environ, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with running([program, "run", *chosen], port, environ) as ask:
        yield Front(port, ask)


FRONTS = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module", params=FRONTS)
def front(
    request: pytest.FixtureRequest, servers: tuple[Service, Service], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """How to ask the servers through a real one with the shipped file."""
    one, two = servers
    with FRONTS[request.param](tmp_path_factory.mktemp(request.param), one.port, two.port) as made:
        yield made


def told(reply: Reply) -> tuple[int, Mapping[str, str], bytes]:
    """All of an answer but what each server says for itself."""
    return reply.status, {name: value for name, value in reply.headers.items() if name not in OWN}, reply.body


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/feeds/reviews", "/feeds/reviews.atom", "/feeds/reviews.rss", "/feeds/reviews.json", "/style.css"),
        *("/feeds.opml", "/outlets", "/feeds/reviews.atom?type=movie", "/feeds/reviews.atom?critic=Ines%20Okafor"),
        *("/search?q=moons", "/reviews/nothing", "/healthz", "/readyz"),
    ],
)
def test_an_answer_passes_as_either_server_gives_it(
    front: Front, servers: tuple[Service, Service], path: str, encoding: str
) -> None:
    """Bytes, validators, caching and security headers: nothing is packed, dated or named anew on the way."""
    one, two = (told(each.get(path, Host="reviews.example", Accept_Encoding=encoding)) for each in servers)
    assert told(front.ask(path, Accept_Encoding=encoding)) == one == two


def test_a_conditional_request_a_range_and_a_delta_pass_too(front: Front) -> None:
    whole = front.ask("/feeds/reviews.atom", Accept_Encoding="gzip")
    assert front.ask("/feeds/reviews.atom", Accept_Encoding="gzip", If_None_Match=whole.headers["etag"]).status == 304
    assert front.ask("/feeds/reviews.atom", If_Modified_Since=whole.headers["last-modified"]).status == 304
    plain = front.ask("/feeds/reviews.atom")
    part = front.ask("/feeds/reviews.atom", Range="bytes=0-99")
    assert (part.status, part.body) == (206, plain.body[:100])
    assert front.ask("/feeds/reviews.atom", A_IM="feed", If_None_Match=plain.headers["etag"]).status == 304


def test_another_sites_name_gets_nothing(front: Front) -> None:
    """Whether the web server has no such site, or the service refuses it."""
    answer = front.ask("/feeds/reviews.atom", Host="other.example")
    assert (answer.status, b"<feed" in answer.body) != (200, True)


def posted(front: Front, path: str, size: int) -> int:
    """The status of a request with a body of so many bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=PATIENCE)
    try:
        with suppress(ConnectionError):  # It may have answered, and hung up, before it was sent all of it.
            connection.request(
                "POST",
                path,
                b"x" * size,
                {"Host": "reviews.example", "Content-Type": "application/x-www-form-urlencoded"},
            )
        return connection.getresponse().status
    finally:
        connection.close()


def test_what_hubs_deliver_may_be_large_and_nothing_else(front: Front) -> None:
    """The service knows no such subscription; nobody reads a form of that size.

    The service answers before it has read it all, and hangs up; Caddy, still sending, may then see no answer (502).
    """
    wait_until(lambda: posted(front, f"/websub/{SECRET}", 5_000_000) == 404, "the service's own answer")
    assert posted(front, "/hub", 5_000_000) in {413, 502}


@pytest.mark.parametrize("name", FRONTS)
def test_a_server_that_stops_is_not_missed(folder: Path, tmp_path: Path, name: str) -> None:
    """It ends while readers ask; each of them is answered all the same, and so they are when it is back."""
    with ExitStack() as stack:
        one = stack.enter_context(Service(folder, command="serve"))
        two = stack.enter_context(Service(folder, command="serve"))
        front = stack.enter_context(FRONTS[name](tmp_path, one.port, two.port))

        def statuses(times: int) -> set[int]:
            return {front.ask("/feeds/reviews.atom").status for _ in range(times)}

        assert statuses(20) == {200}
        with ThreadPoolExecutor(1) as readers:
            asked = readers.submit(statuses, 400)
            assert two.stop() == 0
            assert asked.result(PATIENCE) == {200}
        with Service(folder, port=two.port, command="serve"):
            assert one.stop() == 0
            wait_until(lambda: statuses(1) == {200}, "the other server's turn")
            assert statuses(50) == {200}


@contextmanager
def vanished() -> Iterator[int]:
    """A port that neither takes nor refuses who comes to it, as a machine that is gone: its queue is full."""
    with ExitStack() as stack:
        door = stack.enter_context(socket.socket())
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(door.getsockname())
        yield door.getsockname()[1]


@pytest.mark.parametrize("name", FRONTS)
def test_a_machine_that_is_gone_is_not_missed(servers: tuple[Service, Service], tmp_path: Path, name: str) -> None:
    """It refuses nobody, it just never answers; who was sent to it is sent on to the other."""
    with vanished() as gone, FRONTS[name](tmp_path, servers[0].port, gone) as front:
        assert {front.ask("/feeds/reviews.atom").status for _ in range(100)} == {200}


@pytest.mark.parametrize("name", FRONTS)
def test_a_secret_address_stands_in_no_log(folder: Path, tmp_path: Path, name: str) -> None:
    """Neither when it is answered nor when no server is there to answer it."""
    paths = (f"/private/{SECRET}/feeds/reviews.atom", f"/websub/{SECRET}")
    with Service(folder, command="serve") as one, FRONTS[name](tmp_path, one.port, one.port) as front:
        assert [front.ask(path).status for path in paths] == [404, 404]
        assert one.stop() == 0
        assert {front.ask(path).status for path in (*paths, "/outlets")} <= {502, 503}
    logs = {file.name: file.read_text() for file in tmp_path.glob("*.log")}
    assert logs.keys() >= {"error.log"}
    assert [file for file, text in logs.items() if SECRET in text] == []
    assert "/outlets" in logs["error.log"]


# ----------------------------------------------------------------------------------------------------------- systemd


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped units; the program in them is one that is installed here."""
    made = tmp_path_factory.mktemp("units")
    shutil.copytree(UNITS, made, dirs_exist_ok=True)
    for unit in made.glob("*.service"):
        unit.write_text(unit.read_text().replace("/opt/feedsvc/bin/feedsvc", "/bin/true"), encoding="utf-8")
    return made


def analysed(units: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says of one of them, with these units alone beside systemd's own."""
    environ = {**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"}
    command = [need_program("systemd-analyze"), *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


#: Each unit; of one that is made for ports, one port's.
SHIPPED = sorted(file.name.replace("@.", "@8001.") for file in UNITS.glob("*.service"))


@pytest.mark.parametrize("unit", SHIPPED)
def test_systemd_finds_nothing_wrong_with_a_unit(units: Path, unit: str) -> None:
    done = analysed(units, "verify", "--recursive-errors=one", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SHIPPED)
def test_a_unit_may_do_little(units: Path, unit: str) -> None:
    done = analysed(units, "security", "--offline=true", "--json=short", f"--threshold={round(10 * EXPOSED)}", unit)
    assert done.returncode == 0, done.stdout
    granted = {row["name"] for row in json.loads(done.stdout) if row["set"] is False and row["name"]}
    assert not granted & {"NoNewPrivileges=", "ProtectSystem=", "ProtectHome=", "PrivateUsers=", "UserOrDynamicUser="}


def test_a_unit_without_the_common_part_would_be_found_out(units: Path, tmp_path: Path) -> None:
    """So the drop-in reaches every unit, and the test before looks at it."""
    shutil.copy(units / "feedsvc-run.service", tmp_path)
    done = analysed(tmp_path, "security", "--offline=true", f"--threshold={round(10 * EXPOSED)}", "feedsvc-run.service")
    assert done.returncode == 1


# -------------------------------------------------------------------------------------------------------- containers


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    """compose.yaml with its anchors resolved."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_the_compose_file_is_one(composed: dict[str, Any]) -> None:
    """Read as its specification says, an unknown key and a wrong value refused."""
    assert set(PyCompose.from_json(json.dumps(composed)).services or {}) == set(composed["services"])
    composed["services"]["worker"]["restrat"] = "always"
    with pytest.raises(ValueError, match="restrat"):
        PyCompose.from_json(json.dumps(composed))
    del composed["services"]["worker"]["restrat"]


def test_each_container_waits_for_what_it_needs(composed: dict[str, Any]) -> None:
    """And what is waited for says when it is there: by a check of its health, or by ending."""
    services = composed["services"]
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert services[needed].get("healthcheck") or services[needed].get("build"), (name, needed)
            else:
                assert services[needed]["restart"] == "no", (name, needed)
    waits = {name: set(service.get("depends_on", {})) for name, service in services.items()}
    assert waits["worker"] == {"migrate", "broker"}
    assert waits["serve"] == {"migrate"}


def test_no_container_is_taken_for_healthy_too_early(composed: dict[str, Any]) -> None:
    """PostgreSQL's image makes its database with a server that listens at a socket alone, then starts another."""
    [program, *options] = composed["services"]["database"]["healthcheck"]["test"][1:]
    assert program == "pg_isready"
    assert "--host=127.0.0.1" in options


def test_the_servers_check_is_the_images(composed: dict[str, Any]) -> None:
    """Said twice, since podman leaves an image's out unless it is told another format."""
    check = composed["services"]["serve"]["healthcheck"]
    [line] = [line for line in DOCKERFILE if line.startswith("HEALTHCHECK ")]
    options, _, command = line.partition(" CMD ")
    assert check.pop("test") == ["CMD", *json.loads(command)]
    said = dict(word.removeprefix("--").split("=") for word in options.split() if word.startswith("--"))
    assert {key.replace("_", "-"): str(value) for key, value in check.items()} == said


def test_what_is_told_to_read_its_configuration_again_comes_back(composed: dict[str, Any]) -> None:
    """Docker takes SIGHUP for a stop, and what it was told to stop it does not start "unless stopped"."""
    assert {composed["services"][name]["restart"] for name in ("worker", "serve")} == {"always"}


def test_caddy_finds_the_servers_of_the_compose_file(composed: dict[str, Any]) -> None:
    """However many there are, and soon: one that is stopped must not be tried until the next minute."""
    environ = {**os.environ, **composed["services"]["web"]["environment"], "FEEDSVC_SITE": ":80"}
    command = [need_program("caddy"), "adapt", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [server] = json.loads(done.stdout)["apps"]["http"]["servers"].values()
    [proxy] = [each for route in server["routes"] for each in route["handle"] if each["handler"] == "reverse_proxy"]
    found = proxy["dynamic_upstreams"]
    assert "upstreams" not in proxy
    assert (found["source"], found["name"], found["port"]) == ("a", "serve", "8000")
    assert "serve" in composed["services"]
    assert found["refresh"] <= 1_000_000_000


def test_our_containers_may_do_little(composed: dict[str, Any]) -> None:
    ours = {name: service for name, service in composed["services"].items() if service.get("build")}
    assert set(ours) == {"migrate", "worker", "serve"}
    for name, service in ours.items():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert composed["networks"]["inside"] == {"internal": True}
    assert composed["services"]["database"]["networks"] == composed["services"]["broker"]["networks"] == ["inside"]


def test_every_file_that_is_mounted_or_copied_is_there(composed: dict[str, Any]) -> None:
    mounts = [mount for service in composed["services"].values() for mount in service.get("volumes", ())]
    mounted = {mount.split(":")[0] for mount in mounts if mount.startswith("./")}
    copied = {
        word for line in DOCKERFILE if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    }
    assert mounted == {"./config.toml", "./feeds/incoming", "./deploy/Caddyfile"}
    assert [file for file in mounted | copied if not (ROOT / file).exists()] == []
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == copied


def test_the_samples_are_mounted_where_the_shipped_configuration_looks(composed: dict[str, Any]) -> None:
    """By compose.yaml, and by the command at the head of the Dockerfile, whose database outlives its container."""
    head = (ROOT / "Dockerfile").read_text(encoding="utf-8").partition("ARG ")[0]
    ways = {
        "Dockerfile": [mount.replace("$PWD", ".") for mount in re.findall(r'--volume "?([^ "]+)', head)],
        **{name: composed["services"][name]["volumes"] for name in ("worker", "serve")},
    }
    sources = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))["sources"]
    samples = [source["location"] for source in sources if source.get("enabled", True)]
    assert samples
    for name, mounts in ways.items():
        places = dict(mount.split(":")[:2] for mount in mounts)
        assert places["./config.toml"] == "/etc/feedsvc/config.toml", name
        for sample in samples:
            [mount] = [mount for mount in places if f"./{sample}".startswith(f"{mount}/")]
            assert places[mount] == f"/etc/feedsvc/{mount.removeprefix('./')}", (name, sample)
    assert "feedsvc:/etc/feedsvc/feeds" in ways["Dockerfile"]


def test_the_file_with_the_password_is_neither_committed_nor_copied() -> None:
    assert "/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"


DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "").splitlines()


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_not_root_and_what_is_in_it_is_pinned() -> None:
    users = [line.split()[1] for line in DOCKERFILE if line.startswith("USER ")]
    assert users == ["10001:10001"]
    installs = [line for line in DOCKERFILE if "pip install" in line]
    assert len(installs) == 2
    assert all("--require-hashes -r requirements-scale.txt" in line or "--no-deps" in line for line in installs)


def test_the_images_check_of_health_knows_a_living_server(servers: tuple[Service, Service]) -> None:
    [check] = [line for line in DOCKERFILE if line.startswith("HEALTHCHECK ")]
    program, *arguments = json.loads(check[check.index("[") :])
    assert program == "python"

    def code(port: int) -> int:
        command = [sys.executable, *(word.replace(":8000", f":{port}") for word in arguments)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert [code(each.port) for each in servers] == [0, 0]
    assert code(free_port()) == 1


# ------------------------------------------------------------------------------------------------------------ in words


def test_every_command_that_is_started_is_one(composed: dict[str, Any]) -> None:
    starts = [re.search(r"^ExecStart=\S+/feedsvc (\S+)", unit.read_text(), re.M) for unit in UNITS.glob("*.service")]
    commands = {found[1] for found in starts if found}
    commands |= {service["command"][0] for service in composed["services"].values() if service.get("build")}
    assert commands == {"run", "serve", "worker", "migrate"}
    assert commands <= COMMANDS.keys()


def test_every_variable_of_the_service_is_in_the_readme(composed: dict[str, Any]) -> None:
    """Those of compose.yaml's own, and those of the Caddyfile, are explained where they stand."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    texts = "\n".join(DOCKERFILE) + "".join(file.read_text() for file in UNITS.rglob("*.*") if file.is_file())
    named = set(re.findall(r"FEEDSVC_[A-Z_]+", texts)) | set(composed["services"]["worker"]["environment"])
    assert named == {"FEEDSVC_BIND", "FEEDSVC_BROKER_URL", "FEEDSVC_CONFIG", "FEEDSVC_DATABASE_URL"}
    assert [name for name in named if f"| `{name}` |" not in readme] == []
