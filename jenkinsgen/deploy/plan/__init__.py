"""What a stage will do, as data: a module for each stage, and for what each engine does in its own way."""
