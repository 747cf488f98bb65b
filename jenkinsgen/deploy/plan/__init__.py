"""What a stage will do, as data: a module for each stage."""
