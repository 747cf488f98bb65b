"""What a Jenkins server answers, as typed values. Pure."""
