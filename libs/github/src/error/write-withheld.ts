import { AppError } from "@pullwright/platform";

/** A write that was never sent: by the time of its turn, whoever asked for it might no longer be alone with it. */
export class WriteWithheld extends AppError {
  constructor(call: { readonly method: string; readonly path: string }) {
    super(
      "github_write_withheld",
      `${call.method} ${call.path} came too late to its turn and was not sent`,
      { level: "warn" },
    );
  }
}
