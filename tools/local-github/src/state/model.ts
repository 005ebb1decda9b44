/**
 * What the local GitHub remembers. Words are GitHub's own: an issue has a number in its repository; a pull request is
 * an issue with a `pull` beside it; an actor is who does something, directly or through an App.
 */

import type { GitRepository } from "../git/git-repository.js";

export type Role = "none" | "read" | "triage" | "write" | "maintain" | "admin";
export type Access = "read" | "write" | "admin";
/** Permissions of a fine-grained token or of an App, by GitHub's names (`issues`, `pull_requests`, `contents` …). */
export type Permissions = Readonly<Record<string, Access>>;

export interface User {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Bot" | "Organization";
  readonly name: string;
  readonly email: string;
  readonly createdAt: Date;
}

/** A user, and the App through which they act when they do. */
export interface Actor {
  readonly user: User;
  readonly app?: App | undefined;
}

export interface Token {
  readonly value: string;
  readonly user: User;
  /** Set for a fine-grained token; a classic one may do what its user may. */
  readonly permissions?: Permissions | undefined;
  /** Of a classic token. */
  readonly scopes?: readonly string[] | undefined;
  /** Full names, lower case; unset: all that the user sees. */
  readonly repositories?: ReadonlySet<string> | undefined;
  readonly installation?: Installation | undefined;
  readonly expiresAt?: Date | undefined;
}

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly clientId: string;
  readonly owner: User;
  readonly bot: User;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly publicKey: string;
  readonly createdAt: Date;
  hook?: Hook;
}

export interface Installation {
  readonly id: number;
  readonly app: App;
  readonly account: User;
  readonly permissions: Permissions;
  readonly repositories: Set<Repository>;
  readonly createdAt: Date;
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

export interface Repository {
  readonly id: number;
  readonly owner: User;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
  readonly createdAt: Date;
  readonly git: GitRepository;
  updatedAt: Date;
  pushedAt: Date;
  readonly collaborators: Map<User, Exclude<Role, "none">>;
  readonly labels: Map<string, Label>;
  readonly issues: Map<number, Issue>;
  readonly comments: Map<number, Comment>;
  /** Oldest first; ids grow. */
  readonly events: IssueEvent[];
  readonly statuses: Status[];
  readonly checkSuites: CheckSuite[];
  readonly checkRuns: Map<number, CheckRun>;
  readonly hooks: Map<number, Hook>;
}

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly author: Actor;
  readonly createdAt: Date;
  title: string;
  body: string | null;
  state: "open" | "closed";
  stateReason: "completed" | "not_planned" | "reopened" | "duplicate" | null;
  labels: Label[];
  assignees: User[];
  updatedAt: Date;
  closedAt: Date | null;
  closedBy: User | null;
  /** Issues of the same repository that must be closed first. */
  readonly blockedBy: Issue[];
  readonly reactions: Reaction[];
  readonly pull?: PullRequest;
}

export interface PullRequest {
  readonly id: number;
  /** The owner whose repository holds the head; forks are not served, so it is this repository's. */
  readonly headRef: string;
  headSha: string;
  baseRef: string;
  baseSha: string;
  draft: boolean;
  maintainerCanModify: boolean;
  mergedAt: Date | null;
  mergedBy: User | null;
  mergeCommitSha: string | null;
  requestedReviewers: User[];
  readonly reviews: Review[];
  /** `undefined`: not computed since head or base last moved. */
  mergeable: boolean | undefined;
}

export interface Review {
  readonly id: number;
  readonly author: Actor;
  readonly body: string;
  readonly state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "PENDING";
  readonly commitSha: string;
  readonly submittedAt: Date;
}

export interface Comment {
  readonly id: number;
  readonly issue: Issue;
  readonly author: Actor;
  readonly createdAt: Date;
  body: string;
  updatedAt: Date;
  readonly reactions: Reaction[];
}

export interface Reaction {
  readonly id: number;
  readonly user: User;
  readonly content: string;
  readonly createdAt: Date;
}

/** A fact about an issue that GitHub lists in the issue's events, the repository's feed and the timeline. */
export interface IssueEvent {
  readonly id: number;
  readonly event: string;
  readonly issue: Issue;
  readonly actor: Actor;
  readonly createdAt: Date;
  readonly label?: Label;
  readonly assignee?: User;
  readonly rename?: { readonly from: string; readonly to: string };
  readonly requestedReviewer?: User;
  readonly commitSha?: string;
  readonly stateReason?: string | null;
  /** Of a `cross-referenced` event, which only the timeline shows: the issue that mentions this one. */
  readonly source?: Issue;
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly state: "error" | "failure" | "pending" | "success";
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: User;
  readonly createdAt: Date;
}

export interface CheckSuite {
  readonly id: number;
  readonly app: App;
  readonly sha: string;
  readonly createdAt: Date;
  updatedAt: Date;
}

export interface CheckRun {
  readonly id: number;
  readonly suite: CheckSuite;
  readonly sha: string;
  name: string;
  status: string;
  conclusion: string | null;
  externalId: string | null;
  detailsUrl: string | null;
  startedAt: Date | null;
  completedAt: Date | null;
  output: { title: string | null; summary: string | null; text: string | null };
}

/** A webhook of a repository or of an App, with its log of deliveries, newest last. */
export interface Hook {
  readonly id: number;
  readonly target:
    | { readonly type: "repository"; readonly repository: Repository }
    | { readonly type: "integration"; readonly app: App };
  url: string;
  secret: string | null;
  /** How payloads are sent; GitHub takes `form` where nobody says. */
  contentType: "json" | "form";
  events: readonly string[];
  active: boolean;
  readonly createdAt: Date;
  updatedAt: Date;
  readonly deliveries: Delivery[];
}

export interface Delivery {
  readonly id: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly deliveredAt: Date;
  readonly redelivery: boolean;
  readonly repositoryId: number | null;
  readonly installationId: number | null;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly payload: string;
  durationSeconds: number;
  status: string;
  statusCode: number;
  responseHeaders: Readonly<Record<string, string>>;
  responseBody: string;
}
