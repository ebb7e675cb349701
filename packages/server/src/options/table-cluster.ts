import type { OptionTable } from "./spec.ts";

/** Which cluster a gateway is in, and how it is known there. They have an effect where the log is on NATS. */
export const CLUSTER_OPTIONS = {
  "cluster.name": {
    kind: "text",
    form: "word",
    default: "tidegate",
    about: "Name of the cluster: gateways of one name on one NATS are one cluster.",
  },
  "cluster.nodeName": {
    kind: "text",
    form: "text",
    default: undefined,
    about: "Name of this gateway for people; without it the host's name and the HTTP port.",
  },
  "cluster.advertise": {
    kind: "text",
    form: "URL",
    default: undefined,
    about: "Where others reach this gateway's HTTP port; without it the address that it listens on.",
  },
  "cluster.heartbeat": {
    kind: "duration",
    default: "1s",
    min: "100ms",
    max: "1m",
    about: "Each gateway tells the others this often that it is there, and how much it has to do.",
  },
  "cluster.lease": {
    kind: "duration",
    // Two announcements may be lost, and a collection of garbage on a busy gateway may take a second.
    default: "5s",
    min: "300ms",
    max: "10m",
    about: "A gateway that says nothing for this long is gone; at least three times cluster.heartbeat.",
  },
} as const satisfies OptionTable;
