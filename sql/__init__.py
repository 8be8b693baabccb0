"""The SQL of Millrace: migrations, views and named statements. Text only; resources.foundation reads it."""
