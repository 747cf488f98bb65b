"""Plans of the stages, as data: a module for each stage."""
