"""From a path to an answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from . import json_answers, linter, xstream
from .answers import NOT_FOUND, OOPS, Answer, jetty, json_answer, moved, page
from .classes import FOLDER, MULTIBRANCH, ROOTS, VERSIONS
from .identity import NotXml, decoded, transformed
from .items import Build, Item, QueueItem

if TYPE_CHECKING:
    from .answers import Asked
    from .server import FakeJenkins

UNSAFE = "?*/\\%!@#$^&|<>[]:;"
USER = "admin"
OTHER_PLUGINS = {
    "credentials-binding": "702.vfe613e537e88",
    "timestamper": "1.30",
    "workflow-basic-steps": "1079.vce64b_a_929c5a_",
    "workflow-durable-task-step": "1442.vb_a_b_f5f3da_9f9",
}


class Routes:
    """From a path to an answer."""

    def __init__(self, jenkins: FakeJenkins, asked: Asked) -> None:
        self.jenkins = jenkins
        self.asked = asked

    def answer(self) -> Answer:
        parts = [unquote(part) for part in self.asked.path.strip("/").split("/") if part]
        item = self.jenkins.root
        while len(parts) > 1 and parts[0] == "job":
            child = item.children.named(parts[1])
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
            "me/api/json": lambda: json_answer({"_class": "hudson.model.User", "fullName": USER, "id": USER}),
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
            return json_answer(linter.validate_json(text or ""))
        answer = "No Jenkinsfile specified\n" if text is None else linter.validate(text)
        return Answer(200, answer, "text/plain;charset=utf-8")

    def _plugins(self) -> Answer:
        if not self.jenkins.may_see_plugins:
            return page(403, "Access Denied", error="admin is missing the Overall/SystemRead permission")
        names = {**VERSIONS, **OTHER_PLUGINS}
        plugins = [
            {"active": True, "enabled": True, "shortName": name, "version": version}
            for name, version in names.items()
            if name not in self.jenkins.absent
        ]
        return json_answer({"_class": "hudson.LocalPluginManager", "plugins": plugins})

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
        return json_answer({"_class": "hudson.model.Queue", "discoverableItems": [], "items": items})

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
        return json_answer(json_answers.queue_item(entry, self.base))

    @property
    def base(self) -> str:
        return f"http://{self.asked.headers['host']}"

    def _tree(self, value: Any) -> Answer:
        tree = self.asked.query.get("tree")
        return json_answer(json_answers.only(json_answers.parse_tree(tree), value) if tree else value)

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
        if parent.children.named(name) is not None:
            return page(400, "Jenkins", error=f"A job already exists with the name  {name} ")
        kind = self.asked.headers.get("content-type")
        if self.asked.form.get("mode") == FOLDER:
            item = parent.children[name] = Item(name, parent, xstream.understood(f"<{FOLDER}/>"))
            return moved(f"{item.path}/configure")
        if kind is None:
            return page(400, "Jenkins", error="No Content-Type header set")
        stored = self._stored()
        if stored is None:
            return OOPS
        item = parent.children[name] = Item(name, parent, stored)
        self._index(item)
        return Answer(200, kind=None)

    def _index(self, item: Item) -> None:
        if item.kind == MULTIBRANCH:
            self.jenkins.index(item)

    def _stored(self) -> str | None:
        """The posted configuration as it is kept, None if Jenkins refuses it."""
        try:
            text = transformed(decoded(self.asked.body))
        except NotXml:
            return None
        if xstream.parsed(text).tag not in ROOTS:
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
                return moved(f"{item.parent.path}/")
            case "enable" | "disable" if posted:
                item.save(self.jenkins.absent)
                item.config = item.config.replace(
                    f"<disabled>{str(action == 'enable').lower()}<",
                    f"<disabled>{str(action == 'disable').lower()}<",
                )
                return moved(f"{item.path}/")
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
        return moved(".")

    def _reconfigure(self, item: Item) -> Answer:
        stored = self._stored()
        if stored is None or xstream.parsed(stored).tag != item.kind:
            return OOPS
        item.config, item.looked_at = stored, False
        self._index(item)
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
                return json_answer(json_answers.stages(item, build))
            case "stop" if self.asked.method == "POST":
                build.stopped = True
                return moved(f"{item.path}/{build.number}/")
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
            return json_answer({"domains": {"_": {"urlName": "_"}}})
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
