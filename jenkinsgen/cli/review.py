"""`jenkinsgen review`."""

from __future__ import annotations

import click

from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.edge.git import Repository
from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.review.document import as_json
from jenkinsgen.jenkinsfile.review.markdown import as_markdown
from jenkinsgen.jenkinsfile.review.pairs import is_yaml
from jenkinsgen.jenkinsfile.review.review import review as compare_trees
from jenkinsgen.surroundings import here

WARNINGS = 1


@click.command()
@click.argument("base", required=False)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    help="How to print the review.",
)
@click.option("--fail-on-warning", is_flag=True, help="Exit code 1 if there is a warning.")
def review(base: str | None, shape: str, fail_on_warning: bool) -> int:
    """Tell what a pull request changes in what pipelines do.

    Compares what is committed with the commit where the branch left BASE (a git revision; the remote's default
    branch, main or master without it).
    """
    repository = Repository.around(here())
    before, after = repository.tree(repository.base(base)), repository.tree(repository.head())
    if repository.uncommitted():
        say("warning: there are changes that are not committed; they are not in this review", err=True)
    for tree in (before, after):
        tree.read_ahead([path for path in tree.blobs if is_yaml(path)])
    renamed = {each.before: each.after for each in repository.renamed(before.commit, after.commit)}
    found = compare_trees(before, after, renamed, catalogue())
    if shape == "json":
        hand_over_json(as_json(found), nl=False)
    else:
        say(as_markdown(found), nl=False)
    return WARNINGS if fail_on_warning and found.alerts else 0
