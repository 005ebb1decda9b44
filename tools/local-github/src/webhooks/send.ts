import http from "node:http";
import https from "node:https";

/** How a receiver answered, or why none was heard: GitHub logs 502 for no connection and 504 for silence. */
interface Answer {
  readonly status: string;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** POSTs a payload and waits for the answer, at most `timeoutMs`. Never rejects: every end is an answer. */
export function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  payload: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (status: string, statusCode: number) =>
      resolve({ status, statusCode, headers: {}, body: "" });
    const timeout = AbortSignal.timeout(options.timeoutMs);
    const client = url.startsWith("https:") ? https : http;
    let request: http.ClientRequest;
    try {
      request = client.request(url, {
        method: "POST",
        headers: {
          ...headers,
          "content-length": String(Buffer.byteLength(payload)),
        },
        signal: AbortSignal.any([timeout, options.signal]),
      });
    } catch {
      failed("failed to connect to host", 502);
      return;
    }
    request.on("error", () =>
      timeout.aborted
        ? failed("timed out", 504)
        : failed("failed to connect to host", 502),
    );
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", () =>
        timeout.aborted
          ? failed("timed out", 504)
          : failed("failed to connect to host", 502),
      );
      response.on("end", () =>
        resolve({
          status:
            (response.statusCode ?? 500) < 400
              ? "OK"
              : `Invalid HTTP Response: ${response.statusCode ?? 500}`,
          statusCode: response.statusCode ?? 500,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [
              name,
              String(value),
            ]),
          ),
          body: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    request.end(payload);
  });
}
