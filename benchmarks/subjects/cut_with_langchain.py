"""LangChain's recursive splitter: a JSON list of texts on standard input, the digests of their chunks as output."""

from __future__ import annotations

import argparse
import json
import sys
from hashlib import sha256

from langchain_text_splitters import RecursiveCharacterTextSplitter


def main() -> None:
    """Cut."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chunk-size", type=int, required=True)
    parser.add_argument("--chunk-overlap", type=int, required=True)
    options = parser.parse_args()
    splitter = RecursiveCharacterTextSplitter(chunk_size=options.chunk_size, chunk_overlap=options.chunk_overlap)
    digests = [
        [sha256(piece.encode()).hexdigest() for piece in splitter.split_text(text)] for text in json.load(sys.stdin)
    ]
    json.dump(digests, sys.stdout)


if __name__ == "__main__":
    main()
