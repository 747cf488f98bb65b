"""What a template of a pull request can reach and how much it can do: plain data, listed calls, bounded work."""

from __future__ import annotations

import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from examples import MINIMAL
from jinja2 import BaseLoader
from jinja2.runtime import Undefined
from jinja2.sandbox import safe_range
from jinja2.utils import Namespace

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.budget import STEPS, Budget
from jenkinsgen.jenkinsfile.render.jenkinsfile import _context, _stage_groups
from jenkinsgen.jenkinsfile.render.plain import Record, plain, seconds
from jenkinsgen.jenkinsfile.render.template_environment import ATTRIBUTES, KEPT_FILTERS, KEPT_TESTS, TemplateEnvironment
from jenkinsgen.jenkinsfile.render.write import render
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAIN = (str, int, float, bool, type(None), tuple, MappingProxyType, Record)
FUNCTIONS = (seconds, safe_range, Namespace)
# What Python programs would ask for, beside everything that dir() tells.
NAMES = (
    *("__class__", "__mro__", "__subclasses__", "__init__", "__globals__", "__dict__", "__builtins__", "__self__"),
    *("_values", "values", "names", "model_fields", "model_dump", "parse_raw", "parse_file", "model_construct"),
    *("gi_frame", "f_globals", "mro", "format", "format_map", "func_globals", "__getattribute__", "__reduce_ex__"),
)


@pytest.fixture
def checkout_of_a_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shop.yaml").write_text(MINIMAL + "template: team.j2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made_by(folder: Path, text: str) -> str:
    """The Jenkinsfile with a text in the block `post`."""
    template = f'{{% extends "Jenkinsfile.j2" %}}\n{{% block post %}}\n{text}\n{{% endblock %}}\n'
    (folder / "team.j2").write_text(template, encoding="utf-8")
    return render(load_spec("shop.yaml"))


def values_of(name: str) -> dict[str, Any]:
    pipeline = load_spec(f"tests/golden/render/{name}.yaml").pipeline
    context = _context(pipeline, "shop.yaml", _stage_groups(pipeline, "shop.yaml"))
    return {key: plain(value) for key, value in context.items()}


def inside(value: Any) -> Iterator[Any]:
    """What a template gets by indices and by loops."""
    match value:
        case Record():
            yield from Record.values(value).values()
        case MappingProxyType():
            yield from (part for pair in value.items() for part in pair)
        case tuple():
            yield from value


def test_nothing_but_plain_data_and_listed_callables_is_reachable(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(root)
    environment = TemplateEnvironment(BaseLoader(), Budget(10**9))
    queue = [*values_of("everything").values(), *environment.globals.values()]
    seen: set[int] = set()
    methods: set[tuple[type, str]] = set()
    keep = list(queue)
    while queue:
        value = queue.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        keep.append(value)
        bound = getattr(value, "__self__", None)
        if type(bound) in ATTRIBUTES:
            assert value.__name__ in ATTRIBUTES[type(bound)]
            methods.add((type(bound), value.__name__))
            continue
        assert type(value) in PLAIN or value in FUNCTIONS, value
        queue.extend(inside(value))
        for name in {*dir(value), *NAMES}:
            found = environment.getattr(value, name), environment.getitem(value, name)
            queue.extend(each for each in found if not isinstance(each, Undefined))
    assert len(seen) > 100
    assert {(str, "upper"), (MappingProxyType, "items")} <= methods
    assert not {(str, "format"), (str, "format_map"), (str, "encode"), (str, "center")} & methods


def test_filters_tests_and_globals_are_those_of_the_lists():
    environment = TemplateEnvironment(BaseLoader(), Budget())
    own = {"join", "string", "int", "indent", "replace", "groovy", "groovy_map", "weighed", "each", "spent", "joined"}
    assert set(environment.filters) == {*KEPT_FILTERS, *own}
    assert set(environment.tests) == set(KEPT_TESTS)
    assert set(environment.globals) == {"range", "namespace"}
    assert not {"attr", "format", "random", "center", "pprint", "safe", "urlize", "tojson"} & set(environment.filters)


@pytest.mark.parametrize("value", [object(), print, Record, open, {1, 2}, lambda: 0, type])
def test_no_object_becomes_a_value(value: object):
    with pytest.raises(TypeError, match="is not for templates"):
        plain(value)


PICKLE = "cposix\\nsystem\\n(S'touch escaped'\\ntR."
ESCAPES = (
    "{{ spec.parse_raw('" + PICKLE + "', proto='pickle', allow_pickle=True) }}",
    "{{ spec.job.parse_raw('" + PICKLE + "', proto='pickle', allow_pickle=True) }}",
    "{{ spec.parse_file('/etc/passwd') }}",
    "{{ spec.model_construct() }}",
    "{{ spec.model_dump() }}",
    "{{ spec['__class__'] }}",
    "{{ spec | attr('__class__') }}",
    "{{ ''['__class__'].__mro__ }}",
    "{{ [].__class__.__base__.__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('touch escaped').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].system('touch escaped') }}",
    "{{ lipsum() }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ namespace(a=1).__class__ }}",
    "{{ namespace(a=1)._Namespace__attrs }}",
    "{{ seconds.__globals__ }}",
    "{{ seconds.__code__ }}",
    "{{ range.__globals__ }}",
    "{{ dict.mro() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.post.__globals__ }}",
    "{{ self.post._context }}",
    "{{ super.__init__ }}",
    "{{ super }}",
    "{{ '{0.__class__}'.format(spec) }}",
    "{{ '{x.__class__}'.format_map({'x': spec}) }}",
    "{{ '%s' | format(spec) }}",
    "{{ '%s' % spec }}",
    "{{ [spec] | map(attribute='__class__') | first }}",
    "{{ [spec] | map('attr', '__class__') | list }}",
    "{{ [''] | map(attribute='__class__.__mro__') | list | first }}",
    "{{ [spec] | sort(attribute='__class__') | first }}",
    "{{ [spec] | selectattr('__class__') | list | first }}",
    "{{ [spec] | join(attribute='__class__') }}",
    "{{ [spec] | map('pprint') | first }}",
    "{{ (spec,) | string }}",
    "{{ spec }}",
    "{{ [1] }}",
    "{{ range(3) }}",
    "{{ [1] | map('string') }}",
    "{% macro m() %}{% endmacro %}{{ m.__init__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m }}",
    "{% for x in [1] %}{{ loop.__init__ }}{% endfor %}",
    "{% for x in [1] %}{{ loop._recurse }}{% endfor %}",
    "{% for x in [1] %}{{ loop([1]) }}{% endfor %}",
    "{{ ([1] | map('string')).gi_frame }}",
    "{{ spec.job.name() }}",
    "{{ ''.join(['a']) }}",
    "{{ spec.update() }}",
    "{{ {}.update({'a': 1}) }}",
    "{{ [1].append(2) }}",
    "{% include '/etc/passwd' %}",
    "{% include '../outside.j2' %}",
    "{% include 'Jenkinsfile.j2' %}",
    "{% include ['/etc/passwd', 'Jenkinsfile.j2'] ignore missing %}",
    "{% import '/etc/passwd' as x %}",
    "{% import 'Jenkinsfile.j2' as x %}",
    "{% from '../outside.j2' import x %}",
    "{% from 'Jenkinsfile.j2' import bound %}",
    "{% extends '../outside.j2' %}",
    "{% autoescape true %}{{ spec }}{% endautoescape %}",
    "{% set spec.x = 1 %}",
    "{% set seconds.x = 1 %}",
    "{{ _TemplateEnvironment__x }}",
    "{{ environment.filters }}",
    "{{ context.environment }}",
    "{{ 1 | spent | groovy }}",
)


@pytest.mark.parametrize("text", ESCAPES)
def test_a_known_way_out_of_the_sandbox_leads_nowhere(checkout_of_a_spec: Path, text: str):
    (checkout_of_a_spec / "outside.j2").write_text("secret", encoding="utf-8")
    with pytest.raises(SpecError, match=r"^team\.j2:[0-9]+:1: the template cannot be rendered: ") as caught:
        made_by(checkout_of_a_spec, text)
    assert "secret" not in str(caught.value)
    assert "root:" not in str(caught.value)
    assert not (checkout_of_a_spec / "escaped").exists()


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../outside.j2", "./Jenkinsfile.j2", "pipelines/../Jenkinsfile.j2", "team.j2", "", "~/x"]
)
def test_only_the_standard_template_can_be_extended(checkout_of_a_spec: Path, name: str):
    (checkout_of_a_spec / "team.j2").write_text(f'{{% extends "{name}" %}}', encoding="utf-8")
    with pytest.raises(SpecError, match=r"team\.j2:1:1: .*the one to extend is Jenkinsfile\.j2"):
        render(load_spec("shop.yaml"))


def test_a_name_that_is_computed_cannot_be_extended(checkout_of_a_spec: Path):
    (checkout_of_a_spec / "team.j2").write_text('{% extends spec.job.name ~ ".j2" %}', encoding="utf-8")
    with pytest.raises(SpecError, match="the name is no plain text"):
        render(load_spec("shop.yaml"))


NESTED = "{% for a in range(99999) %}" * 3 + "x" + "{% endfor %}" * 3
ENDLESS = (
    NESTED,
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in range(99999) if false %}{% endfor %}" * 50,
    "{{ 'a' * 30000000000 }}",
    "{{ 30000000000 * 'a' }}",
    "{{ ([1] * 30000000000) | length }}",
    "{{ 'a' | center(1000000000) }}",
    "{{ 'a'.center(1000000000) }}",
    "{{ 'a'.zfill(1000000000) }}",
    "{{ 'a'.ljust(1000000000) }}",
    "{{ 'a\tb'.expandtabs(1000000000) }}",
    "{{ 'a' | indent(1000000000, true) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ 2 ** 100000000000 }}",
    "{{ ('9' * 3000000) | int }}",
    "{{ ('f' * 3000000) | int(0, 16) }}",
    "{{ 1.5 | round(1000000000, 'floor') }}",
    "{{ range(10 ** 12) | list }}",
    "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}",
    "{% set ns = namespace(x='aa') %}{% for i in range(60) %}{% set ns.x = ns.x | replace('a', ns.x) %}{% endfor %}",
    (
        "{% set ns = namespace(x='aa') %}{% for i in range(60) %}"
        "{% set x %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = x %}{% endfor %}"
    ),
    "{% set ns = namespace(x='a\n') %}{% for i in range(60) %}{% set ns.x = ns.x | indent(99999, true) %}{% endfor %}",
    "{% set ns = namespace(x=7) %}{% for i in range(99999) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
    "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    (
        "{% set ns = namespace(x=1, y=1) %}{% for i in range(60) %}"
        "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}"
    ),
    "{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
    (
        "{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}"
        "{{ [ns.x] | unique | list | length }}"
    ),
    "{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | string }}",
    "{% set a = 'a' * 3000000 %}{% for i in range(99999) %}{{ a[1:] == a[:-1] }}{% endfor %}",
    "{% set a = 'a' * 3000000 %}{% for i in range(99999) %}{{ a | upper | length }}{% endfor %}",
    "{% set a = 'a' * 3000000 %}{% for i in range(99999) %}{{ a.split('a') | length }}{% endfor %}",
    "{% set a = 'a' * 3000000 %}{% for i in range(99999) %}{{ a }}{% endfor %}",
    "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{% set x = m(60) %}",
    "{{ self.post() }}",
    "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    (
        "{% set ns = namespace(x=[1]) %}{% for i in range(99999) %}{% set ns.x = ns.x | map('string') %}{% endfor %}"
        "{{ ns.x | list | length }}"
    ),
    "{% set ns = namespace(x=[1]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x == 1 }}",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ " + "1 + (" * 150 + "1" + ")" * 150 + " }}",
    "{{ " + "not " * 5000 + "1 }}",
    "{% for a in [1] %}" * 30 + "{% endfor %}" * 30,
    "{% if 1 %}" * 150 + "{% endif %}" * 150,
    "{{ 1" + "0" * 5000 + " }}",
    "x" * 100_001,
    "{% set a = (-99999999999) | spent %}" + NESTED,
    "{% set a = ('nan' | float) | spent %}" + NESTED,
    "{% set a = [-99999999999] | map('spent') | list %}" + NESTED,
    "{% for a in range(99999) %}" + "{% if a and a and a %}{% endif %}" * 2500 + "{% endfor %}",
    "{% for a in range(99999) %}{% set x = [" + "1, " * 20000 + "] %}{% endfor %}",
    "{% for a in range(99999) %}" + "x" * 90_000 + "{% endfor %}",
)


@pytest.mark.slow
@pytest.mark.parametrize("text", ENDLESS, ids=range(len(ENDLESS)))
def test_a_template_that_would_not_end_or_would_fill_the_machine_is_refused(checkout_of_a_spec: Path, text: str):
    started = time.process_time()
    with pytest.raises(SpecError, match=r"^team\.j2:[0-9]+:1: the template cannot be rendered: "):
        made_by(checkout_of_a_spec, text)
    # About a second here; Jinja alone needs minutes, or more memory than there is.
    assert time.process_time() - started < 30


@pytest.mark.parametrize("text", ["{{ 1e999 }}", "{{ -1e999 }}", r"{{ '\ud800' }}", r"{{ '\ud83d' ~ '\ude00' }}"])
def test_what_no_file_can_hold_is_a_mistake_at_its_line(checkout_of_a_spec: Path, text: str):
    with pytest.raises(SpecError, match=r"^team\.j2:3:1: the template cannot be rendered: "):
        made_by(checkout_of_a_spec, text)


def test_the_bound_is_told_at_the_line_that_met_it(checkout_of_a_spec: Path):
    with pytest.raises(SpecError) as caught:
        made_by(checkout_of_a_spec, f"\n{NESTED}")
    assert caught.value.exit_code == 3
    assert caught.value.message == (
        "team.j2:4:1: the template cannot be rendered: it takes more than 1,000,000 steps; is there a loop that does "
        "not end, or a text that doubles?"
    )


def test_a_large_spec_stays_far_from_the_bound(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(root)
    budgets: list[Budget] = []

    class Watched(Budget):
        def __init__(self) -> None:
            super().__init__()
            budgets.append(self)

    monkeypatch.setattr("jenkinsgen.jenkinsfile.render.template.Budget", Watched)
    render(load_spec("tests/golden/render/everything.yaml"))
    assert 0 < max(budget.spent for budget in budgets) < STEPS / 100


USEFUL = {
    "{{ spec.job.name.upper() }}": "SHOP",
    "{{ spec.job.name | replace('s', 'ch') }}": "chhop",
    "{{ ['b', 'a'] | sort | join(', ') }}": "a, b",
    "{{ spec.servers | map(attribute='ssh') | join(' ') }}": "deploy@192.0.2.11 deploy@192.0.2.12",
    "{% for server in spec.servers %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}": "1, 2",
    "{{ spec.service.ports.green + 1 }}": "8081",
    "{{ spec.service.ports['green'] }}": "8080",
    "{{ seconds(spec.timeouts.build) }}": "3600",
    "{{ spec.build.command | default('nothing') if spec.build else 'none' }}": "none",
    "{{ spec.tool['from'] }}": "installed",
    "{{ {'url': 'x'} | groovy_map }}": "[url: 'x']",
    "{% for name, value in {'A': 'b'}.items() %}{{ name }}={{ value }}{% endfor %}": "A=b",
    "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m('a') ~ m(2) }}": "<a><2>",
    "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{% endcall %}": "<in>",
    "{% set x %}a{% endset %}{{ x * 3 }}": "aaa",
    "{% set ns = namespace(n=0) %}{% for i in range(5) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}": "10",
    "{% filter indent(2, true) %}a\nb{% endfilter %}": "  a\n  b",
    "{{ 'yes' if 'shop' in spec.job.name and 3 is odd else 'no' }}": "yes",
    "{{ ['a', '', 'b'] | select | list | length }}": "2",
    "{{ 'abc'[1:] ~ [1, 2, 3][::-1] | first }}": "bc3",
    "{{ '12' | int + 1 }}": "13",
}


@pytest.mark.parametrize("text", USEFUL)
def test_what_templates_are_for_still_works(checkout_of_a_spec: Path, text: str):
    # A line that ends with a tag has no line break of its own.
    found = made_by(checkout_of_a_spec, text).replace("        cleanup {", "\n        cleanup {")
    assert f"\n{USEFUL[text]}\n" in found
