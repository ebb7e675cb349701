import type { Crowd } from "../engine/crowd.ts";
import type { Driver } from "../engine/driver.ts";
import { tidegateFrames } from "./tidegate.ts";
import { WebsocketDriver } from "./websocket.ts";

/** The driver of a crowd's protocol. */
export function driverOf(crowd: Crowd): Driver {
  const { scenario } = crowd.around.plan;
  switch (crowd.plan.protocol) {
    case "tidegate":
      return new WebsocketDriver(crowd, tidegateFrames(scenario.target.token !== undefined));
    case "websocket":
      return new WebsocketDriver(crowd, scenario.websocket!);
    case "mqtt":
    case "sse":
    case "http-publish":
      throw new Error("not yet");
  }
}
