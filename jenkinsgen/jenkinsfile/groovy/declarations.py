"""Declarations: variables, methods, classes, imports, annotations."""

from __future__ import annotations

from jenkinsgen.jenkinsfile.groovy.primaries import PrimaryParser
from jenkinsgen.jenkinsfile.groovy.tokens import IDENT, MODIFIERS, NEWLINE, STRING, Token
from jenkinsgen.jenkinsfile.groovy.tree import (
    Annotation,
    Block,
    Call,
    ClassDefinition,
    Constant,
    Declaration,
    Entry,
    Expression,
    ExpressionStatement,
    Import,
    Method,
    Package,
    Statement,
    TypeName,
    Variable,
)

_Annotated = tuple[tuple[Annotation, ...], tuple[str, ...]]


class DeclarationParser(PrimaryParser):
    """Adds declarations."""

    def declaration_or_definition(self) -> Statement | None:
        """The declaration that begins here, if one does."""
        if self.kind in {"import", "package"} or self._at_annotated("import", "package"):
            return self._import_or_package()
        if self.at_generic_method() or self.at_declaration():
            return self._declaration()
        if self.at_unpacking():
            return self._unpacking()
        return self._definition() if self.at_type_definition() else None

    def _at_annotated(self, *keywords: str) -> bool:
        at = self._at
        while self._kinds[at] == "@" and (past := self.past_annotation(at)) is not None:
            at = past
        return at > self._at and self._kinds[at] in keywords

    def block(self) -> Block:
        """`{ … }` as the body of a statement."""
        first = self.expect("{")
        self.skip_newlines()
        body = self.statements("}")
        self.expect("}")
        return Block(self.where(first), body)

    def _modifiers(self) -> _Annotated:
        annotations: list[Annotation] = []
        modifiers: list[str] = []
        while True:
            if self.kind == "@" and self.kind_after(1) != "interface":
                annotations.append(self.annotation())
            elif self.kind == "def" or self.kind in MODIFIERS:
                if self.kind == "def" and "def" in modifiers:
                    raise self.unexpected()
                modifiers.append(self.take().text)
            else:
                return tuple(annotations), tuple(modifiers)
            self.skip_newlines()

    def annotation(self) -> Annotation:
        first = self.expect("@")
        name = self._dotted()
        if self.after_newlines() != "(":
            return Annotation(self.where(first), name, ())
        self.skip_newlines()
        self.take()
        arguments: list[Entry] = []
        while self.kind != ")":
            arguments.append(self._annotation_argument())
            if not self.accept(","):
                break
        self.expect(")")
        return Annotation(self.where(first), name, tuple(arguments))

    def _annotation_argument(self) -> Entry:
        first = self.token
        key = "value"
        if self.kind_after(1) == "=":
            key = self.take().text
            self.take()
        name = Constant(self.where(first), key, "java.lang.String")
        value: Expression = self.annotation() if self.kind == "@" else self.conditional()
        return Entry(self.where(first), name, value)

    def _dotted(self) -> str:
        parts = [self.expect(IDENT).text]
        while self.kind == "." and self.kind_after(1) in {IDENT, NEWLINE}:
            self.take()
            self.skip_newlines()
            parts.append(self.expect(IDENT).text)
        return ".".join(parts)

    def _import_or_package(self) -> Statement:
        first = self.token
        annotations, _ = self._modifiers()
        if self.accept("package"):
            return Package(self.where(first), self._dotted())
        self.expect("import")
        static = self.accept("static")
        name = self._dotted()
        if self.accept("."):
            self.skip_newlines()
            self.expect("*")
            name += ".*"
        alias = None
        if self.accept("as"):
            self.skip_newlines()
            alias = self.expect(IDENT).text
        return Import(self.where(first), name, alias, static, annotations)

    def _declaration(self) -> Statement:
        first = self.token
        annotations, modifiers = self._modifiers()
        self.type_arguments()
        type_name = self.maybe_type() if modifiers or annotations else self.type_name()
        if self.kind in {IDENT, STRING} and self.kind_after(1) == "(":
            return self._method(first, (annotations, modifiers), type_name)
        variables = [self._variable(type_name, initializer=True)]
        while self.accept(","):
            self.skip_newlines()
            variables.append(self._variable(type_name, initializer=True))
        return Declaration(self.where(first), annotations, modifiers, tuple(variables))

    def single_declaration(self, *, initializer: bool) -> Declaration:
        first = self.token
        annotations, modifiers = self._modifiers()
        type_name = self.maybe_type() if modifiers or annotations else self.type_name()
        variable = self._variable(type_name, initializer=initializer)
        return Declaration(self.where(first), annotations, modifiers, (variable,))

    def _variable(self, type_name: TypeName | None, *, initializer: bool) -> Variable:
        name = self.expect(IDENT)
        value = None
        if initializer and self.accept("="):
            self.skip_newlines()
            value = self.command_expression()
        return Variable(self.where(name), name.text, type_name, value)

    def _unpacking(self) -> Statement:
        first = self.token
        annotations, modifiers = self._modifiers()
        self.expect("(")
        variables: list[Variable] = []
        while True:
            type_name = self.maybe_type()
            variables.append(self._variable(type_name, initializer=False))
            if not self.accept(","):
                break
        self.expect(")")
        self.expect("=")
        self.skip_newlines()
        value = self.expression()
        return Declaration(self.where(first), annotations, modifiers, tuple(variables), value)

    def _method(self, first: Token, annotated: _Annotated, returns: TypeName | None) -> Method:
        name = self.take()
        self.expect("(")
        parameters = self.parameters(")")
        self.expect(")")
        if self.after_newlines() == "throws":
            self._throws()
        body = None
        if self.after_newlines() == "{":
            self.skip_newlines()
            body = self.block()
        elif self.accept("default"):  # of an annotation type
            self.conditional()
        return Method(self.where(first), *annotated, returns, str(name.value), parameters, body)

    def _throws(self) -> None:
        self.skip_newlines()
        self.take()
        self.skip_newlines()
        self._dotted()
        while self.accept(","):
            self.skip_newlines()
            self._dotted()

    def _definition(self) -> ClassDefinition:
        first = self.token
        annotations, modifiers = self._modifiers()
        is_annotation = self.accept("@")
        kind = self.take().text
        name = self.expect(IDENT).text
        self.skip_newlines()
        self.type_arguments()
        self.skip_newlines()
        parents: list[TypeName] = []
        while self.kind in {"extends", "implements"}:
            self.take()
            self.skip_newlines()
            parents.append(self.class_type())
            while self.accept(","):
                self.skip_newlines()
                parents.append(self.class_type())
            self.skip_newlines()
        body = self._members(name, constants=kind == "enum")
        kind = "@interface" if is_annotation else kind
        return ClassDefinition(self.where(first), annotations, modifiers, kind, name, tuple(parents), body)

    def class_body(self, first: Token) -> ClassDefinition:
        """The body of an anonymous class, after `new T()`."""
        body = self._members("", constants=False)
        return ClassDefinition(self.where(first), (), (), "class", "", (), body)

    def _members(self, name: str, *, constants: bool) -> tuple[Statement, ...]:
        self.expect("{")
        found: list[Statement] = []
        if constants:
            self.skip_newlines()
            found.extend(self._enum_constants())
        while True:
            while self.kind in {NEWLINE, ";"}:
                self.take()
            if self.accept("}"):
                return tuple(found)
            found.append(self._member(name))
            if self.kind not in {NEWLINE, ";", "}"}:
                raise self.unexpected()

    def _enum_constants(self) -> list[Statement]:
        found: list[Statement] = []
        while self.kind in {IDENT, "@"} and not self.at_declaration():
            first = self.token
            while self.kind == "@":
                self.annotation()
                self.skip_newlines()
            name = self.expect(IDENT)
            arguments: tuple[Expression, ...] = ()
            if self.accept("("):
                arguments = self.argument_list(")")
                self.expect(")")
            if self.kind == "{":
                self._members("", constants=False)
            call = Call(self.where(first), None, Constant(self.where(name), name.text, "java.lang.String"), arguments)
            found.append(ExpressionStatement(self.where(first), call))
            if not self.accept(","):
                break
            self.skip_newlines()
        return found

    def _member(self, class_name: str) -> Statement:
        if self.kind == "{":
            return self.block()
        if self.kind == "static" and self.kind_after(1) in {"{", NEWLINE} and self._static_block():
            self.take()
            self.skip_newlines()
            return self.block()
        at = self._past_modifiers(self._at)
        if self._kinds[at] == IDENT and self._kinds[at + 1] == "(":
            is_constructor = self._tokens[at].text == class_name
            if not is_constructor and at == self._at:
                raise self.unexpected()
            return self._constructor() if is_constructor else self._declaration()
        found = None if self.kind in {"import", "package"} else self.declaration_or_definition()
        if found is None:
            raise self.unexpected()
        return found

    def _static_block(self) -> bool:
        return self.kind_after(1) == "{" or self.kind_after(2) == "{"

    def _constructor(self) -> Method:
        first = self.token
        annotated = self._modifiers()
        return self._method(first, annotated, None)
