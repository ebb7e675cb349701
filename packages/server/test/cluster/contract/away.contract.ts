import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { bytes, faultOf, heard, SUBJECT, textOf, two, type BusSubjects } from "./subject.ts";

const LONG = 5000;

export function awayContract(name: string, subjects: BusSubjects): void {
  describe(`bus, away: ${name}`, () => {
    test("BU9 BU10 while it is away everything says so; when it is back, everything is in force", async () => {
      const [here, there, cluster] = await two(subjects);
      const told: boolean[] = [];
      here.watch((isUp) => void told.push(isUp));
      const stopped = here.watch(() => void told.push(false));
      stopped();
      const before = await heard(there);
      await there.answer(SUBJECT, async (payload) => payload).ready;
      await cluster.away();
      expect([here.isUp, there.isUp, ...told]).toEqual([false, false, false]);
      expect(await faultOf(here.request(SUBJECT, bytes("1"), LONG))).toStartWith("BusUnavailable");
      expect(await faultOf(here.probe())).toStartWith("BusUnavailable");
      here.publish(SUBJECT, bytes("meanwhile"));
      const during: string[] = [];
      const subscription = there.subscribe(SUBJECT, (payload) => void during.push(textOf(payload)));
      expect(await faultOf(subscription.ready)).toStartWith("BusUnavailable");
      await cluster.back();
      expect([here.isUp, there.isUp, ...told]).toEqual([true, true, false, true]);
      await here.probe();
      await there.probe();
      here.publish(SUBJECT, bytes("after"));
      await until(() => before.length > 0 && during.length > 0);
      expect(before).toEqual(["after"]);
      expect(during).toEqual(["after"]);
      expect(textOf(await here.request(SUBJECT, bytes("2"), LONG))).toBe("2");
    });

    test("BU11 a probe makes its round", async () => {
      const [here] = await two(subjects);
      expect(await here.probe()).toBeUndefined();
    });

    test("BU12 a closed bus sends what was published, then hears and says nothing; others go on", async () => {
      const [here, there, cluster] = await two(subjects);
      const [near, far] = [await heard(here), await heard(there)];
      await there.answer(["never"], () => new Promise(() => {})).ready;
      const underWay = here.request(["never"], bytes("1"), LONG);
      const fault = faultOf(underWay);
      here.publish(SUBJECT, bytes("last"));
      await here.close();
      await here.close();
      expect(await fault).toStartWith("BusUnavailable");
      expect(here.isUp).toBe(false);
      near.length = 0;
      here.publish(SUBJECT, bytes("too late"));
      expect(await faultOf(here.request(["never"], bytes("1"), LONG))).toStartWith("BusUnavailable");
      expect(await faultOf(here.probe())).toStartWith("BusUnavailable");
      expect(await faultOf(here.subscribe(SUBJECT, () => {}).ready)).toStartWith("BusUnavailable");
      const third = await cluster.open();
      third.publish(SUBJECT, bytes("next"));
      await until(() => far.includes("next"));
      expect(far).toEqual(["last", "next"]);
      expect(near).toEqual([]);
      expect(there.isUp).toBe(true);
    });
  });
}
