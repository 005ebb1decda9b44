import http, { type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { pageAt } from "../pages/pages.js";
import { routes } from "../rest/routes.js";
import type { World } from "../state/world.js";
import { Faults, type Fault } from "./faults.js";
import { answerGit, gitRequestOf } from "./git-handler.js";
import { answerGraphql } from "./graphql-handler.js";
import { Journal, type JournalEntry } from "./journal.js";
import type { Quotas } from "./rate-limit.js";
import { finish, refuse } from "./respond.js";
import { answerRest, type RestAnswer } from "./rest-handler.js";
import { PathTable } from "./path-table.js";

const API_ROOT = "/api/v3";
/** Longer than any client keeps a connection, so that none is closed just as it is used again. */
const KEEP_ALIVE_MS = 75_000;
const MAX_BODY_BYTES = 25 * 1_024 * 1_024;

/** The HTTP face of the local GitHub: REST, GraphQL and git on one port, every request in the journal. */
export class GithubServer {
  readonly faults = new Faults();
  readonly journal: Journal;
  readonly http: http.Server;
  readonly #router = new PathTable(
    routes.map((route) => ({ ...route, value: route })),
  );
  readonly #stopped = new AbortController();

  constructor(
    private readonly quotas: Quotas,
    journalLimit: number,
  ) {
    this.journal = new Journal(journalLimit);
    this.http = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  }

  /** Answers requests from now on. */
  serve(world: World): void {
    this.http.on(
      "request",
      (request: IncomingMessage, response: ServerResponse) => {
        this.#serve(world, request, response).catch((error: unknown) => {
          // Who hung up amid the request needs no answer.
          if (request.destroyed && !request.complete) return;
          // Not a refusal but a defect of ours: tell who looks, and answer what GitHub would.
          console.error(
            `local GitHub: ${request.method ?? ""} ${request.url ?? ""} failed:`,
            error,
          );
          if (!response.headersSent)
            response.writeHead(500, { "content-type": "application/json" });
          response.end(JSON.stringify({ message: "Server Error" }));
        });
      },
    );
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.http.closeAllConnections();
    if (this.http.listening)
      await new Promise((resolve) => this.http.close(resolve));
  }

  async #serve(
    world: World,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? "/", world.urls.server);
    const entry = entryOf(request, url);
    const startedMs = performance.now();
    this.journal.add(entry);
    response.once(
      "close",
      () => (entry.durationMs = performance.now() - startedMs),
    );

    // Read first, so that the journal knows what was asked even where a fault strikes.
    const git = gitRequestOf(url);
    const text = git === undefined ? await readText(request) : "";
    entry.body = parsed(text);

    const fault = this.faults.take(entry.method, entry.path);
    if (fault !== undefined) entry.fault = fault.kind;
    if (
      fault !== undefined &&
      !(await this.#survives(fault, request, response, entry))
    )
      return;

    const cut =
      fault?.kind === "reset_after_handling" || fault?.kind === "truncate";
    if (git !== undefined) {
      await answerGit(world, git, request, response, url, entry, cut);
      return;
    }
    if (entry.kind === "page") {
      const found =
        entry.method === "GET" ? await pageAt(world, url.pathname) : undefined;
      entry.status = found === undefined ? 404 : 200;
      response
        .writeHead(entry.status, { "content-type": "text/html; charset=utf-8" })
        .end(found ?? "Not Found");
      return;
    }

    const answer = await this.#answer(world, entry, request, url, text);
    entry.actor = answer.actor;
    finish(response, entry, answer, fault);
  }

  #answer(
    world: World,
    entry: JournalEntry,
    request: IncomingMessage,
    url: URL,
    text: string,
  ): Promise<RestAnswer> {
    const { authorization } = request.headers;
    if (entry.kind === "graphql")
      return answerGraphql(world, this.quotas, authorization, text);
    return answerRest(world, this.quotas, this.#router, {
      method: entry.method,
      path: entry.apiPath ?? "/",
      url,
      authorization,
      userAgent: request.headers["user-agent"],
      ifNoneMatch: request.headers["if-none-match"],
      text,
    });
  }

  /** Carries out the faults that come before handling; false when the request ends here. */
  async #survives(
    fault: Fault,
    request: IncomingMessage,
    response: ServerResponse,
    entry: JournalEntry,
  ): Promise<boolean> {
    switch (fault.kind) {
      case "truncate":
      case "reset_after_handling":
        return true;
      case "reset":
        request.socket.destroy();
        return false;
      case "stall":
        await sleep(fault.stallMs ?? 60_000, undefined, {
          signal: this.#stopped.signal,
        }).catch(() => undefined);
        return !request.socket.destroyed && !this.#stopped.signal.aborted;
      case "status":
      case "rate_limit_primary":
      case "rate_limit_secondary":
        request.resume();
        refuse(response, entry, fault);
        return false;
    }
  }
}

function entryOf(request: IncomingMessage, url: URL): JournalEntry {
  const isRest =
    url.pathname === API_ROOT || url.pathname.startsWith(`${API_ROOT}/`);
  const kind = isRest
    ? "rest"
    : url.pathname === "/api/graphql"
      ? "graphql"
      : gitRequestOf(url)
        ? "git"
        : "page";
  return {
    at: new Date(),
    kind,
    method: request.method ?? "GET",
    path: url.pathname + url.search,
    ...(isRest ? { apiPath: url.pathname.slice(API_ROOT.length) || "/" } : {}),
    query: Object.fromEntries(url.searchParams),
    body: undefined,
    actor: null,
    status: 0,
    responseBody: undefined,
    durationMs: 0,
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("The body is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
