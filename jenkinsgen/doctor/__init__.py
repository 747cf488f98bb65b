"""Everything that could make a deployment fail, judged before anything changes. Pure: facts in, verdicts out."""
