"""The fake: an HTTP server on a loopback port, with the manners of the recorded Jenkins 2.504.3."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from . import json_answers, linter, xstream
from .identity import NotXml, decoded, transformed
from .items import Build, Item, QueueItem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER, PASSWORD, TOKEN = "admin", "secret-password", "11" + "a1b2c3d4e5f60718" * 2
UNSAFE = "?*/\\%!@#$^&|<>[]:;"
OTHER_PLUGINS = {
    "credentials-binding": "702.vfe613e537e88",
    "timestamper": "1.30",
    "workflow-basic-steps": "1079.vce64b_a_929c5a_",
    "workflow-durable-task-step": "1442.vb_a_b_f5f3da_9f9",
}
NO_CRUMB = "No valid crumb was included in the request"


@dataclass(frozen=True)
class Answer:
    status: int
    body: str = ""
    kind: str | None = "text/html;charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """One request, taken apart."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeJenkins:
    """A Jenkins with one user and the built-in node.

    `understands_at_once`: GET config.xml shows what Jenkins understood, as 2.568 and later do. `absent` are
    plugins that are not installed. `outcomes` are results of builds by the job's full name, None for a build
    that never ends. `repository` maps a script path to the Jenkinsfile that is in git.
    `failures` are statuses that the next requests get, whatever they ask; 0 is none, -1 no answer although the
    request was carried out. With a `certificate` (and its key, in one file) it speaks TLS.
    """

    understands_at_once: bool = False
    absent: frozenset[str] = frozenset()
    quiet_period: float = 0.05
    build_duration: float = 0.2
    build_result: str = "SUCCESS"
    outcomes: dict[str, str | None] = field(default_factory=dict)
    build_log: str = "Started by user admin\n[Pipeline] Start of Pipeline\n[Pipeline] End of Pipeline\n"
    build_stages: tuple[str, ...] = ("Checkout", "Deploy")
    repository: dict[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ("built-in",)
    has_stage_view: bool = True
    may_see_plugins: bool = True
    may_see_credentials: bool = True
    failures: list[int] = field(default_factory=list)
    certificate: Path | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = Item("", None, f"<{xstream.FOLDER}/>")
        self.queue: list[QueueItem] = []
        self.sessions = 0
        self.lock = threading.RLock()

    def __enter__(self) -> FakeJenkins:  # noqa: PYI034 - Self is not in Python 3.10
        fake = self

        class Handler(_Handler):
            jenkins = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def item(self, full_name: str) -> Item:
        """The item of this full name. Raises KeyError."""
        found = self.root
        for part in full_name.split("/"):
            found = found.children[part]
        return found

    def restart(self) -> None:
        """Sessions and with them crumbs are lost; jobs stay."""
        with self.lock:
            self.sessions += 1000

    def advance(self) -> None:
        """Start the builds whose quiet period is over."""
        for entry in self.queue:
            if entry.build is None and not entry.cancelled and time.time() >= entry.leaves:
                self._start(entry)

    def _start(self, entry: QueueItem) -> None:
        number = len(entry.item.builds) + 1
        entry.item.waiting -= 1
        result = self.outcomes.get(entry.item.full_name, self.build_result)
        duration = self.build_duration if result else 1e9
        entry.build = Build(number, self.build_log, self.build_stages, result or "", duration, entry.parameters)
        path = xstream.parsed(entry.item.config).findtext("definition/scriptPath")
        entry.item.build(entry.build, self.repository.get(path or ""), self.absent)


class _Handler(BaseHTTPRequestHandler):
    jenkins: FakeJenkins
    protocol_version = "HTTP/1.1"
    # Without it, the second small packet of an answer waits 40 ms for the first one's acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
        headers = {key.lower(): value for key, value in self.headers.items()}
        asked = Asked(self.command, url.path, query, _form(headers.get("content-type", ""), body), headers, body)
        with self.jenkins.lock:
            self.jenkins.asked.append((self.command, self.path))
            status = self.jenkins.failures.pop(0) if self.jenkins.failures else 0
            self.new_session = ""
            answer = Answer(status, "<html><body>proxy</body></html>") if status > 0 else self._answer(asked)
        if status == -1:
            self.close_connection = True
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        data = answer.body.encode("latin-1" if "iso-8859-1" in (answer.kind or "") else "utf-8")
        self.send_response(answer.status)
        self.send_header("X-Content-Type-Options", "nosniff")
        if answer.kind:
            self.send_header("Content-Type", answer.kind)
        for name, value in answer.headers:
            self.send_header(name, value.encode("latin-1", "replace").decode("latin-1"))
        if "<body>proxy</body>" not in answer.body:
            self.send_header("X-Jenkins", "2.504.3")
        if self.new_session:
            self.send_header("Set-Cookie", f"JSESSIONID.e985820f={self.new_session}; Path=/; HttpOnly")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _answer(self, asked: Asked) -> Answer:
        self.new_session = ""
        login = self._login(asked)
        if isinstance(login, Answer):
            return login
        session = self._session(asked, login)
        if asked.path == "/crumbIssuer/api/json":
            crumb = {"_class": "hudson.security.csrf.DefaultCrumbIssuer", "crumb": _crumb(session)}
            return _json({**crumb, "crumbRequestField": "Jenkins-Crumb"})
        exempt = asked.path.startswith("/pipeline-model-converter/")
        needs_crumb = asked.method == "POST" and login == "password" and not exempt
        if needs_crumb and asked.headers.get("jenkins-crumb") != _crumb(session):
            return jetty(403, NO_CRUMB, asked.path)
        self.jenkins.advance()
        return Routes(self.jenkins, asked).answer()

    def _login(self, asked: Asked) -> str | Answer:
        header = asked.headers.get("authorization", "")
        if not header.startswith("Basic "):
            self.new_session = self._fresh_session()
            where = quote(asked.path, safe="")
            page = f"<html><head><meta http-equiv='refresh' content='1;url=/login?from={where}'/></head>"
            return Answer(403, f"{page}<body>\nAuthentication required\n</body></html>")
        user, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        if user != USER or secret not in {PASSWORD, TOKEN}:
            return jetty(401, "Unauthorized", asked.path)
        return "token" if secret == TOKEN else "password"

    def _session(self, asked: Asked, login: str) -> str:
        cookies = dict(pair.strip().partition("=")[::2] for pair in asked.headers.get("cookie", "").split(";"))
        session = cookies.get("JSESSIONID.e985820f", "")
        alive = session and int(session.rpartition("-")[2]) > self.jenkins.sessions - 1000
        if not alive and login == "password":
            session = self.new_session = self._fresh_session()
        return session

    def _fresh_session(self) -> str:
        self.jenkins.sessions += 1
        return f"node0-{self.jenkins.sessions}"


def _form(kind: str, body: bytes) -> dict[str, str]:
    if kind.startswith("application/x-www-form-urlencoded"):
        parsed = parse_qs(body.decode(), keep_blank_values=True)
        return {key: values[-1] for key, values in parsed.items()}
    if kind.startswith("multipart/form-data"):
        message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True).decode()
            for part in message.get_payload()
            if part.get_filename() is None
        }
    return {}


def _crumb(session: str) -> str:
    return hashlib.sha256(f"{USER};{session}".encode()).hexdigest()


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False), "application/json;charset=utf-8")


def jetty(status: int, message: str, path: str) -> Answer:
    """A page of the servlet container, with the reason in its title."""
    names = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}
    title = message or names[status]
    return Answer(
        status,
        f"<html>\n<head>\n<title>Error {status} {title}</title>\n</head>\n<body><h2>HTTP ERROR {status} {title}</h2>\n"
        f"<table>\n<tr><th>URI:</th><td>{path}</td></tr>\n<tr><th>MESSAGE:</th><td>{title}</td></tr>\n</table>\n"
        "</body>\n</html>\n",
        "text/html;charset=iso-8859-1",
    )


def page(status: int, title: str, *, error: str | None = None) -> Answer:
    """A page of Jenkins itself, which says nothing that helps; sometimes a header does."""
    body = (
        f"\n  \n  <!DOCTYPE html><html><head><title>{title} - Jenkins</title></head><body>{'<p>' * 200}</body></html>"
    )
    return Answer(status, body, headers=(("X-Error", error),) if error else ())


NOT_FOUND = page(404, "Not Found")
OOPS = page(500, "Jenkins")


class Routes:
    """From a path to an answer."""

    def __init__(self, jenkins: FakeJenkins, asked: Asked) -> None:
        self.jenkins = jenkins
        self.asked = asked

    def answer(self) -> Answer:
        parts = [unquote(part) for part in self.asked.path.strip("/").split("/") if part]
        item = self.jenkins.root
        while len(parts) > 1 and parts[0] == "job":
            child = item.children.get(parts[1])
            if child is None:
                return NOT_FOUND
            item, parts = child, parts[2:]
        action = "/".join(parts)
        if item is self.jenkins.root:
            top = self._top(action, parts)
            if top is not None:
                return top
        if action == "createItem":
            return self._create(item)
        if "credentials/store/" in f"{action}/":
            return self._credentials(item, parts)
        if item is self.jenkins.root:
            return self._view(item, action)
        if parts and (parts[0].isdigit() or parts[0] == "lastBuild"):
            return self._build(item, parts[0], "/".join(parts[1:]))
        return self._of_item(item, action)

    def _top(self, action: str, parts: list[str]) -> Answer | None:
        if parts and parts[0] == "pipeline-model-converter":
            return self._lint(parts[-1])
        if parts[:2] == ["queue", "item"]:
            return self._queue_item(int(parts[2]), parts[-1])
        simple = {
            "me/api/json": lambda: _json({"_class": "hudson.model.User", "fullName": USER, "id": USER}),
            "pluginManager/api/json": self._plugins,
            "computer/api/json": self._computers,
            "queue/api/json": self._queue,
            "queue/cancelItem": self._cancel,
        }
        return simple[action]() if action in simple else None

    def _lint(self, action: str) -> Answer:
        if self.asked.method == "GET":
            return page(405, "Method Not Allowed")
        text = self.asked.form.get("jenkinsfile")
        if action == "validateJenkinsfile":
            return _json(linter.validate_json(text or ""))
        answer = "No Jenkinsfile specified\n" if text is None else linter.validate(text)
        return Answer(200, answer, "text/plain;charset=utf-8")

    def _plugins(self) -> Answer:
        if not self.jenkins.may_see_plugins:
            return page(403, "Access Denied", error="admin is missing the Overall/SystemRead permission")
        names = {**xstream.VERSIONS, **OTHER_PLUGINS}
        plugins = [
            {"active": True, "enabled": True, "shortName": name, "version": version}
            for name, version in names.items()
            if name not in self.jenkins.absent
        ]
        return _json({"_class": "hudson.LocalPluginManager", "plugins": plugins})

    def _computers(self) -> Answer:
        computer = {
            "_class": "hudson.model.Hudson$MasterComputer",
            "assignedLabels": [{"name": name} for name in self.jenkins.labels],
            "displayName": "Built-In Node",
            "executors": [{}, {}],
            "numExecutors": 2,
            "offline": False,
        }
        return self._tree({"_class": "hudson.model.ComputerSet", "busyExecutors": 0, "computer": [computer]})

    def _queue(self) -> Answer:
        waiting = [entry for entry in self.jenkins.queue if entry.build is None]
        items = [json_answers.queue_item(entry, self.base) for entry in waiting]
        return _json({"_class": "hudson.model.Queue", "discoverableItems": [], "items": items})

    def _cancel(self) -> Answer:
        number = int(self.asked.query["id"])
        for entry in self.jenkins.queue:
            if entry.number == number:
                entry.cancelled = True
                entry.item.waiting -= 1
        return Answer(204, kind=None)

    def _queue_item(self, number: int, action: str) -> Answer:
        entry = next((entry for entry in self.jenkins.queue if entry.number == number), None)
        if entry is None or action != "json":
            return NOT_FOUND
        return _json(json_answers.queue_item(entry, self.base))

    @property
    def base(self) -> str:
        return f"http://{self.asked.headers['host']}"

    def _tree(self, value: Any) -> Answer:
        tree = self.asked.query.get("tree")
        return _json(json_answers.only(json_answers.parse_tree(tree), value) if tree else value)

    def _view(self, item: Item, action: str) -> Answer:
        if action == "":
            return page(200, "Dashboard")
        if action != "api/json":
            return NOT_FOUND
        jobs = [json_answers.full(child, self.base) for child in json_answers.sorted_children(item)]
        if "tree" not in self.asked.query:
            jobs = [json_answers.brief(child, self.base) for child in json_answers.sorted_children(item)]
        root = {"_class": "hudson.model.Hudson", "assignedLabels": [{"name": "built-in"}], "description": None}
        extra = {"mode": "NORMAL", "nodeName": "", "useCrumbs": True, "useSecurity": True, "url": f"{self.base}/"}
        return self._tree({**root, **extra, "jobs": jobs})

    def _create(self, parent: Item) -> Answer:
        name = self.asked.query.get("name") or self.asked.form.get("name") or ""
        bad = next((character for character in name if character in UNSAFE), None)
        if bad is not None:
            return page(400, "Jenkins", error=f"{bad}  is an unsafe character")
        if name in parent.children:
            return page(400, "Jenkins", error=f"A job already exists with the name  {name} ")
        kind = self.asked.headers.get("content-type")
        if self.asked.form.get("mode") == xstream.FOLDER:
            item = parent.children[name] = Item(name, parent, xstream.understood(f"<{xstream.FOLDER}/>"))
            return _moved(f"{item.path}/configure")
        if kind is None:
            return page(400, "Jenkins", error="No Content-Type header set")
        stored = self._stored()
        if stored is None:
            return OOPS
        parent.children[name] = Item(name, parent, stored)
        return Answer(200, kind=None)

    def _stored(self) -> str | None:
        """The posted configuration as it is kept, None if Jenkins refuses it."""
        try:
            text = transformed(decoded(self.asked.body))
        except NotXml:
            return None
        if xstream.parsed(text).tag not in xstream.ROOTS:
            return None
        at_once = self.jenkins.understands_at_once or xstream.has_old_triggers(text)
        return xstream.understood(text, self.jenkins.absent) if at_once else text

    def _of_item(self, item: Item, action: str) -> Answer:
        posted = self.asked.method == "POST"
        match action:
            case "api/json":
                item.looked_at = True
                return self._tree(json_answers.full(item, self.base, deep="tree" in self.asked.query))
            case "config.xml":
                return self._reconfigure(item) if posted else Answer(200, item.config, "application/xml")
            case "doDelete" if posted and item.parent is not None:
                del item.parent.children[item.name]
                return _moved(f"{item.parent.path}/")
            case "enable" | "disable" if posted:
                item.save(self.jenkins.absent)
                item.config = item.config.replace(
                    f"<disabled>{str(action == 'enable').lower()}<",
                    f"<disabled>{str(action == 'disable').lower()}<",
                )
                return _moved(f"{item.path}/")
            case "submitDescription" if posted:
                return self._describe(item)
            case "build" | "buildWithParameters" if posted:
                return self._trigger(item, action)
            case "" | "configure":
                return page(200, item.name)
        return NOT_FOUND

    def _describe(self, item: Item) -> Answer:
        root = xstream.parsed(item.config)
        element = root.find("description")
        if element is None:
            element = xstream.ET.SubElement(root, "description")
        element.text = self.asked.form.get("description", "")
        item.config = xstream.understood("<?xml version='1.1'?>" + xstream.written(root), self.jenkins.absent)
        return _moved(".")

    def _reconfigure(self, item: Item) -> Answer:
        stored = self._stored()
        if stored is None or xstream.parsed(stored).tag != item.kind:
            return OOPS
        item.config, item.looked_at = stored, False
        return Answer(200, kind=None)

    def _trigger(self, item: Item, action: str) -> Answer:
        declared = dict(item.parameters())
        if item.disabled:
            return page(409, "Jenkins")
        if action == "build" and declared:
            return jetty(400, "Nothing is submitted", self.asked.path)
        if action == "buildWithParameters" and not declared:
            return OOPS
        values = {key: value for key, value in {**self.asked.query, **self.asked.form}.items() if key in declared}
        if any(declared[key] and value not in declared[key] for key, value in values.items()):
            return OOPS
        number = len(self.jenkins.queue) + 3
        item.waiting += 1
        self.jenkins.queue.append(QueueItem(number, item, values, time.time() + self.jenkins.quiet_period))
        return Answer(201, kind=None, headers=(("Location", f"{self.base}/queue/item/{number}/"),))

    def _build(self, item: Item, which: str, action: str) -> Answer:
        index = len(item.builds) if which == "lastBuild" else int(which)
        if not 1 <= index <= len(item.builds):
            return NOT_FOUND
        build = item.builds[index - 1]
        match action.strip("/"):
            case "api/json":
                return self._tree(json_answers.build(item, build, self.base))
            case "consoleText":
                return Answer(200, build.text, "text/plain;charset=utf-8")
            case "logText/progressiveText":
                return self._log(build)
            case "wfapi/describe" if self.jenkins.has_stage_view:
                return _json(json_answers.stages(item, build))
            case "stop" if self.asked.method == "POST":
                build.stopped = True
                return _moved(f"{item.path}/{build.number}/")
            case "":
                return page(200, f"{item.name} #{build.number}")
        return NOT_FOUND

    def _log(self, build: Build) -> Answer:
        # Jenkins counts the bytes of its own file, which are more than those of the text it sends.
        building, text = build.building, build.text.encode()
        start = int(self.asked.query.get("start", 0)) // 2
        headers = [("X-Text-Size", str(2 * len(text)))] + ([("X-More-Data", "true")] if building else [])
        body = text[start:].decode().replace("\n", "\r\n")
        return Answer(200, body, "text/plain;charset=utf-8", tuple(headers))

    def _credentials(self, item: Item, parts: list[str]) -> Answer:
        if not self.jenkins.may_see_credentials:
            return page(403, "Access Denied", error="admin is missing the Credentials/View permission")
        store = "system" if item is self.jenkins.root else "folder"
        if parts == ["credentials", "store", store, "api", "json"]:
            # As the credentials plugin documents it; the only answer here that was not recorded.
            return _json({"domains": {"_": {"urlName": "_"}}})
        if parts[:5] != ["credentials", "store", store, "domain", "_"]:
            return NOT_FOUND
        if parts[5:] == ["createCredentials"]:
            root = xstream.ET.fromstring(self.asked.body)
            item.credentials[root.findtext("id")] = {
                "description": root.findtext("description"),
                "typeName": TYPE_NAMES[root.tag.rpartition(".")[2]],
            }
            return Answer(200, kind=None)
        wrapper = "com.cloudbees.plugins.credentials.CredentialsStoreAction$"
        place = "system" if store == "system" else f"{item.full_name}/folder"
        entries = [
            {
                "_class": f"{wrapper}CredentialsWrapper",
                "id": key,
                "displayName": values["description"],
                "fingerprint": None,
                "fullName": f"{place}/_/{key}",
                **values,
            }
            for key, values in item.credentials.items()
        ]
        if parts[5:] == ["api", "json"]:
            plain = [{key: value for key, value in entry.items() if key != "_class"} for entry in entries]
            details = {"displayName": "Global credentials (unrestricted)", "global": True, "urlName": "_"}
            return self._tree({"_class": f"{wrapper}DomainWrapper", "credentials": plain, **details})
        entry = next((entry for entry in entries if entry["id"] == parts[6]), None)
        if entry is None:
            return NOT_FOUND
        return Answer(200, "<credential/>", "application/xml") if parts[-1] == "config.xml" else self._tree(entry)


TYPE_NAMES = {
    "UsernamePasswordCredentialsImpl": "Username with password",
    "StringCredentialsImpl": "Secret text",
    "BasicSSHUserPrivateKey": "SSH Username with private key",
    "FileCredentialsImpl": "Secret file",
}


def _moved(where: str) -> Answer:
    return Answer(302, kind=None, headers=(("Location", where),))


def all_items(folder: Item) -> Iterator[Item]:
    for child in folder.children.values():
        yield child
        yield from all_items(child)
