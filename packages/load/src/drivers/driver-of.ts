import type { Crowd } from "../engine/crowd.ts";
import type { Driver } from "../engine/driver.ts";
import { HttpPublishDriver } from "./http-publish.ts";
import { MqttDriver } from "./mqtt.ts";
import { SseDriver } from "./sse.ts";
import { tidegateFrames } from "./tidegate.ts";
import { WebsocketDriver } from "./websocket.ts";

/** The driver of a crowd's protocol. */
export function driverOf(crowd: Crowd): Driver {
  const { scenario } = crowd.around.plan;
  switch (crowd.plan.protocol) {
    case "tidegate":
      return new WebsocketDriver(crowd, tidegateFrames(scenario.target.token !== undefined));
    case "websocket":
      // The check of the scenario has seen to it that there are frames.
      return new WebsocketDriver(crowd, scenario.websocket!);
    case "mqtt":
      return new MqttDriver(crowd);
    case "sse":
      return new SseDriver(crowd, scenario.sse);
    case "http-publish":
      return new HttpPublishDriver(crowd, scenario.http);
  }
}
