export { CONFIG_NAME, configFile } from "./config-file.ts";
export { OptionsError } from "./fault.ts";
export { loadOptions, loadWithOrigins, type Loaded, type LoadInput } from "./load.ts";
export { namespaceSettings } from "./namespaces.ts";
export type { KeyOption } from "./spec.ts";
export { isLoopback, startupFault, startupNotice } from "./startup.ts";
export type { NamespaceSettings, Options } from "./table.ts";
export { formatDuration, formatSize, parseDuration, parseSize } from "./units.ts";
