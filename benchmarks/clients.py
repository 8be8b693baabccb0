"""Other makers' OpenAI clients against a running server: LangChain's, LlamaIndex's and OpenAI's own.

    make clients
    benchmarks/.clients/bin/python benchmarks/clients.py --base-url http://127.0.0.1:8000/v1 \
        --chatbot handbook < key.txt

The key is read from standard input, and needs the scope `chat`. Each line of the report says what was tried and how it
went; the exit status is 1 where anything failed. Nothing of Millrace is imported: these are strangers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version

QUESTION = "How often is the sluice gate greased?"
PACKAGES = ("openai", "langchain-openai", "llama-index-llms-openai-like", "llama-index-embeddings-openai")


def main() -> int:
    """Try everything; 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--chatbot", required=True)
    parser.add_argument("--embedding-model", default="wordllama-256")
    parser.add_argument("--question", default=QUESTION)
    asked = parser.parse_args()
    key = sys.stdin.readline().strip()
    failed = 0
    print(json.dumps({"versions": {name: version(name) for name in PACKAGES}}))  # noqa: T201
    for name, attempt in _attempts(asked, key):
        try:
            said = attempt()
            outcome = {"client": name, "ok": bool(said), "said": str(said)[:120]}
        except Exception as error:  # noqa: BLE001
            # whatever a stranger raises is a finding
            outcome = {"client": name, "ok": False, "said": f"{type(error).__name__}: {error}"[:300]}
        failed += not outcome["ok"]
        print(json.dumps(outcome, ensure_ascii=False))  # noqa: T201
    return 1 if failed else 0


def _attempts(asked: argparse.Namespace, key: str) -> Iterator[tuple[str, Callable[[], object]]]:
    yield from _openai(asked, key)
    yield from _langchain(asked, key)
    yield from _llama_index(asked, key)


def _openai(asked: argparse.Namespace, key: str) -> Iterator[tuple[str, Callable[[], object]]]:
    from openai import NotFoundError, OpenAI

    client = OpenAI(base_url=asked.base_url, api_key=key)
    messages = [{"role": "user", "content": asked.question}]

    def streamed() -> object:
        stream = client.chat.completions.create(
            model=asked.chatbot, messages=messages, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
        assert chunks[-1].usage.total_tokens > 0
        return "".join(choice.delta.content or "" for one in chunks for choice in one.choices)

    def continued() -> object:
        first = client.chat.completions.with_raw_response.create(model=asked.chatbot, messages=messages)
        session = first.headers["x-session-id"]
        again = client.chat.completions.create(
            model=asked.chatbot, messages=messages, extra_headers={"X-Session-Id": session}
        )
        assert again.model_extra["session_id"] == session
        return session

    def unknown() -> object:
        try:
            client.chat.completions.create(model="nobody", messages=messages)
        except NotFoundError as error:
            return error.code

    yield "openai: models", lambda: [model.id for model in client.models.list()]
    yield (
        "openai: chat",
        lambda: client.chat.completions.create(model=asked.chatbot, messages=messages).choices[0].message.content,
    )
    yield "openai: stream with usage", streamed
    yield "openai: session by header", continued
    yield "openai: unknown model", unknown
    yield (
        "openai: embeddings (base64)",
        lambda: len(client.embeddings.create(model=asked.embedding_model, input=["a", "b"]).data[1].embedding),
    )


def _langchain(asked: argparse.Namespace, key: str) -> Iterator[tuple[str, Callable[[], object]]]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    chat = ChatOpenAI(model=asked.chatbot, base_url=asked.base_url, api_key=key, temperature=0)
    turns = [SystemMessage("Be brief."), HumanMessage("Hello"), AIMessage("Hello."), HumanMessage(asked.question)]
    chain = ChatPromptTemplate.from_messages([("human", "{question}")]) | chat | StrOutputParser()
    embeddings = OpenAIEmbeddings(
        model=asked.embedding_model, base_url=asked.base_url, api_key=key, check_embedding_ctx_length=False
    )

    def streamed() -> object:
        chunks = list(chat.stream(asked.question, stream_usage=True))
        whole = chunks[0]
        for one in chunks[1:]:
            whole += one
        assert whole.usage_metadata["total_tokens"] > 0
        return whole.content

    async def asynchronous() -> object:
        return (await chat.ainvoke(asked.question)).content

    def awaited() -> object:
        import asyncio

        return asyncio.run(asynchronous())

    yield "langchain: invoke", lambda: chat.invoke(turns).content
    yield "langchain: stream with usage", streamed
    yield "langchain: batch", lambda: [one.content[:20] for one in chat.batch([asked.question] * 3)]
    yield "langchain: ainvoke", awaited
    yield "langchain: chain", lambda: chain.invoke({"question": asked.question})
    yield "langchain: embeddings", lambda: [len(one) for one in embeddings.embed_documents(["a", "b"])]


def _llama_index(asked: argparse.Namespace, key: str) -> Iterator[tuple[str, Callable[[], object]]]:
    from llama_index.core.llms import ChatMessage
    from llama_index.embeddings.openai import OpenAIEmbedding
    from llama_index.llms.openai_like import OpenAILike

    model = OpenAILike(
        model=asked.chatbot, api_base=asked.base_url, api_key=key, is_chat_model=True, context_window=8000
    )
    turns = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content=asked.question)]
    embedding = OpenAIEmbedding(model_name=asked.embedding_model, api_base=asked.base_url, api_key=key)

    yield "llama-index: chat", lambda: model.chat(turns).message.content
    yield "llama-index: complete", lambda: model.complete(asked.question).text
    yield "llama-index: stream_chat", lambda: "".join(part.delta or "" for part in model.stream_chat(turns))
    yield "llama-index: stream_complete", lambda: "".join(part.delta for part in model.stream_complete(asked.question))
    yield "llama-index: embeddings", lambda: len(embedding.get_text_embedding("a"))


if __name__ == "__main__":
    sys.exit(main())
