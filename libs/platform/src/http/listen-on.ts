import {
  ConfigurationError,
  type ConfigurationFault,
} from "../config/configuration-error.js";
import { codeOf } from "../error/app-error.js";

/** Where a server listens, and the setting that names its port. */
export interface ListenAddress {
  readonly setting: "PORT" | "WEBHOOK_PORT";
  readonly port: number;
  readonly host: string;
}

/** Has a server listen; where it cannot, throws which setting is to blame and how to mend it. */
export async function listenOn<T>(
  address: ListenAddress,
  listen: (port: number, host: string) => Promise<T>,
): Promise<T> {
  try {
    return await listen(address.port, address.host);
  } catch (error) {
    const fault = faultOf(codeOf(error), address);
    throw fault === undefined ? error : new ConfigurationError([fault]);
  }
}

function faultOf(
  code: string | undefined,
  { setting, port, host }: ListenAddress,
): ConfigurationFault | undefined {
  switch (code) {
    case "EADDRINUSE":
      return {
        key: setting,
        problem: `${port.toString()} on ${host} is taken: end what listens there, or set another port`,
      };
    case "EACCES":
      return {
        key: setting,
        problem: `${port.toString()} is kept from this user (EACCES): set a port from 1024 on`,
      };
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EAI_AGAIN":
    case "EINVAL":
    case "ENOTFOUND":
      return {
        key: "HOST",
        problem: `${host} is no address of this machine (${code}): set one that is, or 0.0.0.0 for all of them`,
      };
    default:
      return undefined;
  }
}
