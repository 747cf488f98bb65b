"""A Jenkins server: python-jenkins, within bounds."""
