"""Classes that a script uses without an import.

Only well-known ones are reported: which other classes exist depends on the controller's plugins and libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.tree import Annotation, ClassDefinition, Import, TypeName
from jenkinsgen.jenkinsfile.groovy.walk import walk

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Script

# Package -> classes that need an import: they are in none of the packages that every script sees.
_ELSEWHERE = {
    "groovy.json": "JsonSlurper JsonSlurperClassic JsonOutput JsonBuilder StreamingJsonBuilder JsonParserType",
    "groovy.transform": "Field Canonical CompileStatic TypeChecked Immutable ToString EqualsAndHashCode"
    " TupleConstructor InheritConstructors Memoized Synchronized",
    "groovy.text": "SimpleTemplateEngine StreamingTemplateEngine GStringTemplateEngine",
    "groovy.time": "TimeCategory TimeDuration",
    "groovy.xml": "MarkupBuilder XmlUtil StreamingMarkupBuilder",
    "groovy.sql": "Sql",
    "java.util.regex": "Pattern Matcher PatternSyntaxException",
    "java.util.concurrent": "TimeUnit ConcurrentHashMap ConcurrentLinkedQueue Callable Executors ExecutorService"
    " CountDownLatch TimeoutException ExecutionException CompletableFuture",
    "java.util.concurrent.atomic": "AtomicInteger AtomicLong AtomicBoolean AtomicReference",
    "java.util.stream": "Collectors Stream IntStream",
    "java.util.zip": "ZipFile ZipEntry ZipInputStream GZIPInputStream",
    "java.text": "SimpleDateFormat DateFormat DecimalFormat NumberFormat MessageFormat ParseException",
    "java.time": "LocalDate LocalDateTime LocalTime ZonedDateTime OffsetDateTime Instant Duration ZoneId ZoneOffset",
    "java.time.format": "DateTimeFormatter DateTimeParseException",
    "java.time.temporal": "ChronoUnit",
    "java.nio.file": "Files Paths Path StandardCopyOption NoSuchFileException",
    "java.nio.charset": "StandardCharsets Charset",
    "java.security": "MessageDigest SecureRandom NoSuchAlgorithmException",
    "java.math": "MathContext RoundingMode",
    "org.jenkinsci.plugins.workflow.steps": "FlowInterruptedException",
    "org.jenkinsci.plugins.pipeline.modeldefinition": "Utils",
    "hudson": "AbortException FilePath",
    "hudson.tasks.test": "AbstractTestResultAction",
    "hudson.util": "Secret",
    "com.cloudbees.plugins.credentials": "CredentialsProvider Credentials",
    "org.yaml.snakeyaml": "Yaml",
    "net.sf.json": "JSONObject JSONArray",
}
_PACKAGE_OF = {name: package for package, names in _ELSEWHERE.items() for name in names.split()}
# Common words that a script's own library may well define: they are told only where nothing is imported.
_AMBIGUOUS = frozenset({"Utils", "Credentials", "Path", "Stream", "Duration", "Secret", "Yaml", "Sql"})


def unresolved_classes(script: Script) -> list[GroovySyntaxError]:
    """One error for each use of a class that has to be imported and is not."""
    names, packages = _visible(script)
    found: list[GroovySyntaxError] = []
    for node in walk(script):
        if not isinstance(node, TypeName | Annotation) or node.name in names:
            continue
        package = _PACKAGE_OF.get(node.name)
        if package is None or package in packages or (node.name in _AMBIGUOUS and (names or packages)):
            continue
        message = f"unable to resolve class {node.name} (import {package}.{node.name})"
        found.append(GroovySyntaxError(message, node.where.line, node.where.column))
    return found


def _visible(script: Script) -> tuple[set[str], set[str]]:
    """The classes that are imported or defined by name, and the packages imported as a whole."""
    names: set[str] = set()
    packages: set[str] = set()
    for node in walk(script):
        if isinstance(node, Import):
            package, _, last = node.name.rpartition(".")
            if last == "*":
                packages.add(package)
            else:
                names.add(node.alias or last)
        elif isinstance(node, ClassDefinition):
            names.add(node.name)
    return names, packages
