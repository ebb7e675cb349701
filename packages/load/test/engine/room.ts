/** One room of ten, which hear what two of them publish. `more` is added at the top level. */
export function roomScenario(url: string, rate: number, seconds: number, more = ""): string {
  return `
name: test
target: { urls: "${url}" }
populations:
  - name: listeners
    count: 10
    subscribe: { topic: room }
  - name: talkers
    count: 2
    publish: { topic: room, rate: ${rate}, bytes: 60 }
phases:
  - { phase: ramp, for: 50ms }
  - { phase: hold, for: ${seconds * 1000}ms }
  - { phase: down, for: 50ms }
${more}`;
}
