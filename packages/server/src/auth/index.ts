export { hashKey, newKey } from "./api-key.ts";
export { AuthError, type AuthReason } from "./auth-error.ts";
export { createAuthenticator, type Authenticator, type AuthParts } from "./authenticator.ts";
export { type Identity, mayPublish, maySubscribe, userFault } from "./identity.ts";
export type { AuthLogger } from "./key-sources.ts";
export { type Grants, PermissionPool, Permissions } from "./permissions.ts";
export {
  type Revocation,
  Revocations,
  type RevocationStore,
  type RevokeListener,
  type RevokeRequest,
} from "./revocations.ts";
export { type AuthSettings, authSettings, type TopicGrants } from "./settings.ts";
export { signToken, type TokenRequest } from "./sign-token.ts";
