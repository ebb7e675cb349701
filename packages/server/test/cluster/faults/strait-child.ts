import { Balancer } from "../../../../../scripts/cluster/balancer.ts";

// One TCP port that leads to another one; its own is the only line that it prints.
const other = { name: "nats", host: "127.0.0.1", http: Number(process.argv[2]) };
const pool = { candidates: () => [other], failed: () => {}, onGone: () => {} };
const { port } = new Balancer({ host: "127.0.0.1", port: 0, pool, portOf: ({ http }) => http });
console.log(port);
