"""Jobs on the Jenkins server: planned, applied, pruned, run."""
