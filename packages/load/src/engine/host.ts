import { LoadAgent } from "./agent.ts";
import { RunClock } from "./clock.ts";
import type { Link, Order, Report } from "./orders.ts";

/** Serves one master over a link: an agent is made when the master says for what, and ends with the link. */
export function hostAgent(link: Link<Report, Order>, own: () => number): void {
  const clock = new RunClock(own);
  let agent: LoadAgent | undefined;
  link.onEnd = () => agent?.stop();
  link.onMessage = (order) => {
    try {
      if (order.order === "clock") return link.send({ report: "clock", turn: order.turn, micros: clock.own() });
      if (order.order !== "prepare") return agent?.take(order);
      clock.set(order.offset);
      agent?.stop();
      agent = new LoadAgent(order, clock, (report) => link.send(report));
      agent.start();
      link.send({ report: "prepared" });
    } catch (error) {
      link.send({ report: "failed", text: error instanceof Error ? error.message : String(error) });
    }
  };
}
