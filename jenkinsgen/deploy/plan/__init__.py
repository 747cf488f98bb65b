"""What a stage will do, as data: a module for each stage, and for what each engine and strategy does in its own way."""
