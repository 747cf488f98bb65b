"""The changes that a pull request makes to the effect of its pipelines. Pure but for the `Files` that it is given."""
