// Requests to the board's server: docs/board.md.
import { errorText } from "./messages";

// Its message is in the language chosen.
export class ApiError extends Error {
  constructor(message: string, code?: string) {
    super(errorText(code, message));
  }
}

async function answer<T>(response: Response): Promise<T> {
  const json = (await response.json()) as T & { error?: string; code?: string };
  if (!response.ok) throw new ApiError(json.error ?? response.statusText, json.code);
  return json;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answer<T>(await fetch(path, signal ? { signal } : {}));
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return answer<T>(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

// Server-sent events: one handler for each name of event. The browser connects again by itself; `state` says
// whether it is connected. Call what it returns to end.
export function listen(
  path: string,
  handlers: Record<string, (data: never) => void>,
  state?: (connected: boolean) => void,
): () => void {
  const source = new EventSource(path);
  for (const [name, handler] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handler(JSON.parse((event as MessageEvent<string>).data) as never));
  }
  source.onopen = () => state?.(true);
  source.onerror = () => state?.(false);
  return () => source.close();
}
