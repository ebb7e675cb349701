import { presenceContract } from "../presence.contract.ts";
import { TestCluster } from "./gateways.ts";

presenceContract("cluster of one gateway", async () => {
  const cluster = new TestCluster();
  const { presence } = cluster.open("one", { isWatched: false });
  return {
    presence,
    advance: (ms: number) => cluster.advance(ms),
    dispose: () => cluster.dispose(),
  };
});

presenceContract("cluster, with a gateway beside it", async () => {
  const cluster = new TestCluster();
  const { presence } = cluster.open("one", { isWatched: false });
  cluster.open("two");
  await cluster.advance(1000);
  return {
    presence,
    advance: (ms: number) => cluster.advance(ms),
    dispose: () => cluster.dispose(),
  };
});
