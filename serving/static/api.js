// The same API that programs use, as the person who is signed in.

export class Failed extends Error {
  constructor(status, message, code = null) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What an address answers. Throws Failed with words for the person. */
export async function call(method, address, body = undefined) {
  const response = await send(method, address, body);
  return response.status === 204 ? null : response.json();
}

/** The events of a streamed answer, and the headers before them. Throws Failed; an abort passes through. */
export async function* stream(body, signal, onHeaders) {
  const response = await send("POST", "/v1/chat/completions", { ...body, stream: true }, { signal });
  onHeaders(response.headers);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let isOver = false;
  while (true) {
    const { value, done } = await reader.read();
    if (done && isOver) return;
    if (done) throw new Failed(0, "The connection broke off. What was said until then is kept.", "broke_off");
    const events = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.startsWith("data: ") ? event.slice(6) : "";
      isOver ||= data === "[DONE]";
      if (!data || isOver) continue;
      const told = JSON.parse(data);
      if (told.error) throw new Failed(0, told.error.message, told.error.code);
      yield told;
    }
  }
}

/** An answer that is no refusal. The body goes as JSON, or as it is where `headers` say what it is. Throws Failed. */
export async function send(method, address, body = undefined, { headers = null, signal = undefined } = {}) {
  let response;
  try {
    response = await fetch(address, {
      method, signal,
      headers: headers ?? (body === undefined ? {} : { "Content-Type": "application/json" }),
      body: headers || body === undefined ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failed(0, "The server does not answer. Is it running?");
  }
  if (response.status === 401) {
    location.assign("/sign-in");
    throw new Failed(401, "You are signed out. Sign in again.");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response) {
  let told = null;
  try {
    told = (await response.json()).error;
  } catch {
    told = null;
  }
  const later = response.headers.get("Retry-After");
  const words = told?.message ?? `The server answered ${response.status}.`;
  return new Failed(response.status, later ? `${words} Try again in ${later} s.` : words, told?.code);
}
