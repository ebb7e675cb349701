import { awayContract } from "./contract/away.contract.ts";
import { publishContract } from "./contract/publish.contract.ts";
import { requestContract } from "./contract/request.contract.ts";
import type { BusSubjects } from "./contract/subject.ts";

/** What every adapter of the bus port must do. The rules are in docs/spec/bus.md. */
export function busContract(name: string, subjects: BusSubjects): void {
  publishContract(name, subjects);
  requestContract(name, subjects);
  awayContract(name, subjects);
}
