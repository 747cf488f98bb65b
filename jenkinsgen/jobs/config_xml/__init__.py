"""A job as Jenkins' `config.xml`, read and written."""
