"""The fake: an HTTP server on a loopback port, with the manners of the recorded Jenkins 2.504.3."""

from __future__ import annotations

import base64
import hashlib
import ssl
import threading
import time
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from . import xstream
from .answers import Answer, Asked, jetty, json_answer
from .classes import FOLDER
from .items import Build, Item, QueueItem
from .routes import USER, Routes

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD, TOKEN = "secret-password", "11" + "a1b2c3d4e5f60718" * 2
FILTER = "jenkins.scm.impl.trait.WildcardSCMHeadFilterTrait"
NO_CRUMB = "No valid crumb was included in the request"


@dataclass
class FakeJenkins:
    """A Jenkins with one user and the built-in node.

    `understands_at_once`: GET config.xml shows what Jenkins understood, as 2.568 and later do. `absent` are
    plugins that are not installed. `outcomes` are results of builds by the job's full name, None for a build
    that never ends. `repository` maps a script path to the Jenkinsfile that is in git. `branches` are those of the
    repository: a multibranch job is indexed when it is written, and builds each that it includes.
    `garbage` is the body of every answer, whatever was asked. `failures` are statuses that the next requests get,
    whatever they ask; 0 is none, -1 no answer although the request was carried out, 302 leads to `elsewhere`. With a
    `certificate` (and its key, in one file) it speaks TLS.
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
    branches: tuple[str, ...] = ()
    garbage: str | None = None
    elsewhere: str = ""
    failures: list[int] = field(default_factory=list)
    certificate: Path | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = Item("", None, f"<{FOLDER}/>")
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

    def index(self, multibranch: Item) -> None:
        """Make a job for each branch that a multibranch job includes, and build it."""
        included = xstream.parsed(multibranch.config).findtext(f".//{FILTER}/includes", "*").split()
        for branch in self.branches:
            if branch in included or "*" in included:
                child = multibranch.children.setdefault(branch, Item(branch, multibranch, "<flow-definition/>"))
                child.waiting += 1
                self.queue.append(QueueItem(len(self.queue) + 3, child, {}, time.time() + self.quiet_period))

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
            where = (("Location", self.jenkins.elsewhere),) if self.jenkins.elsewhere else ()
            page = "<html><body>proxy</body></html>"
            answer = Answer(status, page, headers=where) if status > 0 else self._answer(asked)
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
        if self.jenkins.garbage is not None:
            return Answer(200, self.jenkins.garbage, "application/json;charset=utf-8")
        session = self._session(asked, login)
        if asked.path == "/crumbIssuer/api/json":
            crumb = {"_class": "hudson.security.csrf.DefaultCrumbIssuer", "crumb": _crumb(session)}
            return json_answer({**crumb, "crumbRequestField": "Jenkins-Crumb"})
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
