"""What runs the containers: a folder for each engine."""
