"""Answers of a Jenkins server, as typed values. Pure."""
