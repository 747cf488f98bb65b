"""Docker: each server runs its containers by itself."""
