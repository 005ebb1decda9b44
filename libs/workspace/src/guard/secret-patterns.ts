/** More characters than any match has; the longest is a web token. */
export const LONGEST_MATCH = 4_096;

/**
 * The shapes of well-known credentials. Every expression starts with a fixed text and repeats one class of characters
 * with an upper bound, so that it runs in linear time on anything. A part that may be long must not begin again within
 * itself: each beginning would read all of it.
 */
export const SECRET_PATTERNS: readonly {
  readonly name: string;
  readonly pattern: RegExp;
}[] = [
  { name: "a GitHub token", pattern: /\bgh[pousr]_[A-Za-z0-9]{36,255}/ },
  { name: "a GitHub token", pattern: /\bgithub_pat_[A-Za-z0-9_]{60,255}/ },
  { name: "a GitLab token", pattern: /\bglpat-[A-Za-z0-9_-]{20,64}/ },
  { name: "an Anthropic key", pattern: /\bsk-ant-[A-Za-z0-9_-]{24,200}/ },
  {
    name: "an OpenAI key",
    pattern: /\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{24,200}/,
  },
  {
    name: "an OpenAI key",
    pattern: /\bsk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}/,
  },
  { name: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { name: "a Google API key", pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { name: "a Slack token", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{20,200}/ },
  {
    name: "a Slack webhook",
    pattern:
      /hooks\.slack\.com\/services\/T[A-Z0-9]{6,12}\/B[A-Z0-9]{6,12}\/[A-Za-z0-9]{20,30}/,
  },
  { name: "a Stripe key", pattern: /\b[rs]k_live_[A-Za-z0-9]{20,200}/ },
  { name: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  {
    name: "a PyPI token",
    pattern: /\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,250}/,
  },
  {
    name: "a SendGrid key",
    pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/,
  },
  { name: "a Twilio key", pattern: /\bSK[0-9a-f]{32}\b/ },
  { name: "a Pullwright key", pattern: /\bpw_[A-Za-z0-9_-]{40,100}/ },
  {
    name: "a private key",
    pattern: /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----/,
  },
  {
    name: "a JSON web token",
    // From its first dot, and back from there: the head itself may begin at every fourth character of `-eyJ-eyJ`, which took 500 ms a MiB.
    pattern:
      /\.eyJ(?<=\beyJ[A-Za-z0-9_-]{16,500}\.eyJ)[A-Za-z0-9_-]{16,2000}\.[A-Za-z0-9_-]{16,500}/,
  },
];
