"""What is measured: each module is a program of its own that brings a folder of texts into PostgreSQL."""
