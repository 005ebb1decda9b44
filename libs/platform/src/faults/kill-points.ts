/**
 * Every moment at which a service may be made to die by `KILL_POINT`, and what has and has not happened by then: before
 * and after each commit, ring, push, write to GitHub and answer. A crash at any of them must lose and double nothing.
 */
export const killPoints = {
  "gateway.received-not-recorded": "A signed webhook is read.",
  "gateway.recorded-not-rung": "A webhook's delivery is committed.",
  "gateway.rung-not-answered": "The ring has begun; GitHub has no answer.",

  "poller.read-not-recorded": "GitHub told what is new.",
  "poller.recorded-not-rung": "A polled delivery is committed.",
  "poller.recorded-cursor-not-moved":
    "All that a poll found is recorded and rung.",
  "poller.cursor-moved": "The feed's position is committed.",
  "poller.hook-log-read-not-recorded":
    "A webhook's log told of a delivery that failed.",
  "poller.hook-log-recorded-not-rung": "A delivery from a log is committed.",
  "poller.hook-log-rung-position-not-saved":
    "All that a log told of is recorded and rung.",
  "poller.hook-log-position-saved": "The log's position is committed.",

  "orchestrator.delivery-taken": "A delivery is held, nothing of it done.",
  "orchestrator.run-created-not-rung": "A delivery's run is committed.",
  "orchestrator.command-recorded-not-rung":
    "A comment's command has moved its run.",
  "orchestrator.answer-recorded-not-rung":
    "The answer to a comment is an effect, and nobody knows of it.",
  "orchestrator.unwanted-cancelled-not-rung":
    "A run that nobody waits for is told to end.",
  "orchestrator.merged-cancelled-not-noted":
    "A live run whose pull request was taken is told to end; the merge is not noted.",
  "orchestrator.blockers-seen-not-rung":
    "A run knows which issues still block it.",
  "orchestrator.delivery-handled-not-settled":
    "All that a delivery asks for is committed and rung.",
  "orchestrator.delivery-settled": "A delivery has its verdict.",
  "orchestrator.effect-claimed": "An effect is held, nothing of it done.",
  "orchestrator.comment-created-not-recorded":
    "GitHub has the status comment; its id is not kept.",
  "orchestrator.comment-edited-not-recorded":
    "GitHub shows the new text of the status comment.",
  "orchestrator.reply-created-not-recorded": "GitHub has an answer's comment.",
  "orchestrator.labels-set-not-recorded": "GitHub shows the status label.",
  "orchestrator.status-set-not-recorded":
    "GitHub shows the commit status, or has the check run.",
  "orchestrator.pull-request-opened-not-recorded":
    "GitHub has the pull request; its number is not kept.",
  "orchestrator.pull-request-written-not-ready":
    "The pull request stands with its text; whether it is a draft is still to be set.",
  "orchestrator.pull-request-shown-not-recorded":
    "The pull request shows what the run asks for; the run was not told.",
  "orchestrator.run-told-not-rung":
    "The run has moved by what its pull request became.",
  "orchestrator.run-told-not-completed":
    "The run has moved; the effect is still held.",
  "orchestrator.effect-completed": "An effect is done.",

  "reconciler.found-not-rung": "What nobody heard is found and spaced.",
  "reconciler.run-moved-not-rung":
    "A lost attempt is taken away, or a wait has ended.",
  "reconciler.emptied-not-forgotten":
    "That Redis was emptied is known and will not be seen again; the lost rings still count as made.",

  "runner.doorbell-heard": "Nothing is claimed.",
  "runner.turn-given-not-rung":
    "A ring is answered with a fairer phase; nothing rings for the one that was rung.",
  "runner.unaffordable-not-rung": "A phase waits for a shared budget.",
  "runner.claimed": "A phase is claimed, nothing of it done.",
  "runner.workspace-ready": "A checkout stands.",
  "runner.agent-running": "The agent printed a line.",
  "runner.spending-noted": "What the agent took so far is committed.",
  "runner.quota-back-not-told":
    "The provider answers again; nobody else knows.",
  "runner.quota-back-told": "All may ask the provider again.",
  "runner.agent-done": "The agent's process has ended.",
  "runner.committed": "Pullwright's own repository has the commit.",
  "runner.prepared-not-pushed": "Outcome and commit are stored as prepared.",
  "runner.pushed-not-recorded": "GitHub has the commit.",
  "runner.done-not-recorded": "The phase's result is known to its runner only.",
  "runner.recorded-not-rung": "A result is committed.",
  "runner.next-claimed": "A result is committed and the next phase claimed.",
  "runner.given-back": "A surprise has ended the attempt's lease.",
  "runner.stop-heard": "A cancel or a hand-over begins; the agent lives.",

  "api.run-created-not-rung": "A run is committed.",
  "api.run-created-not-answered":
    "The ring has begun; nobody has the run's id.",
  "api.command-recorded-not-rung": "A command has moved its run.",
  "api.command-recorded-not-answered":
    "The ring has begun; nobody knows of the command's end.",
} as const;

/** The name of a kill point. */
export type KillPoint = keyof typeof killPoints;

export function isKillPoint(name: string): name is KillPoint {
  return Object.hasOwn(killPoints, name);
}
