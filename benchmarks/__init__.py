"""Measurements beside other tools: see README.md. Nothing of the product imports this folder."""
