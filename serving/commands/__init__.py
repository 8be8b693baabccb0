"""The commands of `millrace`, one file per subject: arguments in, tables or JSON out."""
