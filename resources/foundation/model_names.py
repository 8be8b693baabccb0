"""The names and addresses of models that the product knows. Apart from inference.py, so that records stay pure."""

EMBEDDED_MODEL = "wordllama-256"
EXTRACTIVE_MODEL = "extractive"
OPENAI_ADDRESS = "https://api.openai.com/v1"
