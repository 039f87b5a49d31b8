// What the page asks of the server.

/** The server said no: `message` holds its words, `wait` the seconds after which to ask again. */
export class Refusal extends Error {
  constructor(words, status, wait) {
    super(words);
    this.status = status;
    this.wait = wait;
  }
}

/** The server cannot be reached. */
export class Offline extends Error {}

const AWAY = [502, 503, 504]; // it restarts, or something before it does not find it

function refusal(status, text, after) {
  let words;
  try { words = JSON.parse(text).error; } catch { /* not its own words */ }
  return new Refusal(words || `The server refused (${status}).`, status, Number(after) || 5);
}

/** The answer to a request, read from JSON; null where there is none. */
export async function ask(path, method = "GET") {
  let answer;
  let text;
  try {
    answer = await fetch(path, { method, cache: "no-store" });
    text = await answer.text();
  } catch {
    throw new Offline();
  }
  if (AWAY.includes(answer.status)) throw new Offline();
  if (!answer.ok) throw refusal(answer.status, text, answer.headers.get("Retry-After"));
  return text ? JSON.parse(text) : null;
}

/** Send a file; the job. `progressed` hears the share that has left, `signal` breaks it off. */
export function send(file, model, progressed, signal) {
  const form = new FormData();
  form.append("model", model);
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not say how far it is
    request.open("POST", "/api/jobs");
    request.upload.onprogress = (event) => { if (event.lengthComputable) progressed(event.loaded / event.total); };
    request.onload = () => {
      const { status, responseText } = request;
      if (AWAY.includes(status)) reject(new Offline());
      else if (status >= 300) reject(refusal(status, responseText, request.getResponseHeader("Retry-After")));
      else resolve(JSON.parse(responseText));
    };
    request.onerror = () => reject(new Offline());
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** Hear of a job until it ends or the line is lost; a function that stops listening. */
export function listen(id, heard, lost) {
  const source = new EventSource(`/api/jobs/${encodeURIComponent(id)}/events`);
  source.addEventListener("job", (event) => heard(JSON.parse(event.data)));
  source.onerror = () => { source.close(); lost(); };
  return () => source.close();
}
