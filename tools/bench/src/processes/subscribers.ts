import { createConnection, type Socket } from "node:net";
import { serveParent } from "../stage/child.js";

/** Many readers of one stream, in a process of their own; they count bytes and keep none. */
export type SubscriberCommand =
  | {
      readonly connect: number;
      readonly url: string;
      readonly headers: string;
    }
  /** Answers once so many bytes have come since the last `connect`. */
  | { readonly until: number };

const buffer = Buffer.alloc(256 * 1024); // One for all: what is in it is not looked at.
let sockets: Socket[] = [];
let received = 0;
let wanted = Infinity;
let reached: () => void = () => undefined;

serveParent({}, async (command: SubscriberCommand) => {
  if ("connect" in command) {
    for (const socket of sockets) socket.destroy();
    sockets = await Promise.all(
      Array.from({ length: command.connect }, () =>
        subscribe(new URL(command.url), command.headers),
      ),
    );
    received = 0;
    return;
  }
  if (received >= command.until) return;
  await new Promise<void>((resolve) => {
    wanted = command.until;
    reached = resolve;
  });
});

/** Resolves when the stream's head is here. */
function subscribe(
  { hostname, port, host, pathname, search }: URL,
  headers: string,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let head = "";
    const socket = createConnection({
      host: hostname,
      port: Number(port),
      onread: {
        buffer,
        callback: (bytes) => {
          if (head.includes("\r\n\r\n")) count(bytes);
          else {
            head += buffer.toString("latin1", 0, bytes);
            if (!head.includes("\r\n\r\n")) return true;
            if (head.startsWith("HTTP/1.1 200 ")) resolve(socket);
            else reject(new Error(head));
          }
          return true;
        },
      },
    });
    socket.on("error", reject);
    socket.write(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`,
    );
  });
}

function count(bytes: number): void {
  received += bytes;
  if (received < wanted) return;
  wanted = Infinity;
  reached();
}
