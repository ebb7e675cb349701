import type { Command } from "commander";
import type { Context } from "../context.ts";

export function doctorCommand(root: Command, context: Context): void {
  void root;
  void context;
}
