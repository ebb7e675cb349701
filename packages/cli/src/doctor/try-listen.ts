/** Opens a port and closes it again. Undefined if that went well; else the code of the error, such as EADDRINUSE. */
export function tryListen(hostname: string, port: number): string | undefined {
  try {
    Bun.listen({ hostname, port, socket: { data: () => {} } }).stop(true);
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "EUNKNOWN";
  }
}
