/** Errors of a host and its links. */

import type { Address } from "../address.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import { linkQueueMessagesMax } from "../limits.ts";

export class HostStoppedError extends MillraceError {
  readonly code = "ERR_RT_HOST_STOPPED";
  constructor(host: number) {
    super(`host ${host} has stopped`, { details: { host } });
  }
}

export class LinkFullError extends MillraceError {
  readonly code = "ERR_RT_LINK_FULL";
  constructor(to: Address) {
    super(
      `${linkQueueMessagesMax} messages wait for host ${to.host}, the most allowed; none was taken for ${to.path}`,
      {
        details: { path: to.path, host: to.host },
      },
    );
  }
}

export class CellModuleError extends MillraceError {
  readonly code = "ERR_RT_CELL_MODULE";
}
