"""Docker engines, asked and changed over their API."""
