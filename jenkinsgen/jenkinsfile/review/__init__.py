"""What a pull request changes in the effect of its pipelines. Pure but for the `Files` that it is given."""
