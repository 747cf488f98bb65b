"""Groovy 2.4, the version that Jenkins embeds, and a Java that runs it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from jenkinsgen.errors import CommandFailed, ToolMissing
from jenkinsgen.surroundings import expanded

JVM_FOLDER = Path("/usr/lib/jvm")
# Groovy 2.4 is happiest on Java 17 and older; on newer ones it works, with warnings on stderr.
NEWEST_QUIET_JAVA = 17
OLDEST_JAVA = 9
HINT = "on Debian and Ubuntu: apt-get install groovy default-jre-headless"


@dataclass(frozen=True)
class GroovyRuntime:
    """A `java` program and the folder of Groovy's libraries."""

    java: Path
    libraries: Path

    def command(self, main_class: str, *classpath: Path) -> list[str]:
        """The beginning of a command line that runs `main_class`."""
        folders = [*map(str, classpath), f"{self.libraries}/*"]
        # One compiler stage: these programs run for seconds, and start a third faster so.
        return [str(self.java), "-XX:TieredStopAtLevel=1", "-cp", os.pathsep.join(folders), main_class]


def find() -> GroovyRuntime:
    """The Groovy on PATH and the best Java. Raises ToolMissing when one of them is not there."""
    groovy = shutil.which("groovy")
    if groovy is None:
        raise ToolMissing("`groovy` is not installed", hint=HINT)
    libraries = Path(groovy).resolve().parent.parent / "lib"
    if not any(libraries.glob("groovy-2.4.*.jar")):
        raise ToolMissing(f"{groovy} is not Groovy 2.4, the version that Jenkins embeds", hint=HINT)
    return GroovyRuntime(_java(), libraries)


def _java() -> Path:
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += sorted(JVM_FOLDER.iterdir()) if JVM_FOLDER.is_dir() else []
    versions = {home: _version(home) for home in homes if (home / "bin" / "java").is_file()}
    usable = {home: version for home, version in versions.items() if version >= OLDEST_JAVA}
    if not usable:
        raise ToolMissing(f"no Java {OLDEST_JAVA} or newer in {JVM_FOLDER} or JAVA_HOME", hint=HINT)
    quiet = {home: version for home, version in usable.items() if version <= NEWEST_QUIET_JAVA}
    best = max(quiet, key=lambda home: quiet[home]) if quiet else min(usable, key=lambda home: usable[home])
    return best / "bin" / "java"


def _version(home: Path) -> int:
    """The major version that a Java's own `release` file names; 0 when it does not say."""
    try:
        said = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(said[1]) if said else 0


def compiled(runtime: GroovyRuntime, package: str, folder: str) -> Path:
    """The classes of the Groovy sources in a folder of a package, compiled when they are not in the cache yet."""
    with as_file(files(package) / folder) as sources:
        paths = sorted(sources.glob("*.groovy"))
        digest = hashlib.sha256(str(runtime).encode())
        for path in paths:
            digest.update(path.read_bytes())
        cache = expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "jenkinsgen"
        target = cache / f"{folder}-{digest.hexdigest()[:16]}"
        if not target.is_dir():
            cache.mkdir(parents=True, exist_ok=True)
            _compile(runtime, paths, target)
    return target


def _compile(runtime: GroovyRuntime, paths: list[Path], target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        classes = Path(temporary) / "classes"
        command = runtime.command("org.codehaus.groovy.tools.FileSystemCompiler")
        done = subprocess.run(
            [*command, "-d", str(classes), *map(str, paths)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise CommandFailed(f"Groovy could not compile the runner: {done.stderr or done.stdout}")
        try:
            classes.rename(target)
        except OSError:
            # Another process compiled the same sources at the same time.
            if not target.is_dir():
                raise
