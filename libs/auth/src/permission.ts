import type { Principal } from './principal.js'

/** The permissions, by the resource that they protect. */
const actions = {
  access: ['read', 'manage'],
  audit: ['read'],
  config: ['read', 'write', 'write-direct'],
  deployments: ['read', 'record', 'rollback', 'correct', 'void'],
  events: ['read'],
  flags: ['read', 'write', 'write-direct'],
  freezes: ['override'],
  ingest: ['read', 'manage'],
  keys: ['own', 'manage'],
  log: ['read'],
  metrics: ['read'],
  policy: ['read', 'write', 'approve'],
  promotions: ['read', 'draft', 'approve', 'execute', 'rollback'],
  rollouts: ['read', 'create', 'act', 'observe'],
  subscriptions: ['read', 'manage'],
  system: ['read'],
} as const

type Actions = typeof actions

/** Name of a permission, such as `deployments:record`. */
export type Permission = { [Resource in keyof Actions]: `${Resource}:${Actions[Resource][number]}` }[keyof Actions]

/** The names of all permissions. */
export const permissions = Object.entries(actions).flatMap(([resource, names]) =>
  names.map(name => `${resource}:${name}` as Permission),
)

/**
 * What a request concerns, within the tenant of its principal. An empty scope asks whether the principal has the permission in any part
 * of the tenant.
 */
export interface Scope {
  environment?: string
  application?: string
}

/** Which permissions an operation needs; `any`: none, but a principal. */
export type Requirement =
  Permission | 'any' | { readonly allOf: readonly Permission[] } | { readonly anyOf: readonly Permission[] }

/** Who may call an operation: principals with a permission, or everybody, who is not authenticated then. */
export type Access = { readonly permission: Requirement } | { readonly public: true }

export type Can = (principal: Principal, permission: Permission, scope: Scope) => boolean

/** Whether a principal has a permission in a scope. So far every principal has every permission. */
export const can: Can = () => true

/** Whether a principal meets the requirement of an operation in a scope. @param granted `can`, or another rule */
export function meets(principal: Principal, requirement: Requirement, scope: Scope, granted: Can = can): boolean {
  const has = (permission: Permission) => granted(principal, permission, scope)
  if (requirement === 'any') return true
  if (typeof requirement === 'string') return has(requirement)
  return 'allOf' in requirement ? requirement.allOf.every(has) : requirement.anyOf.some(has)
}

/** The permissions that a requirement names. */
export function permissionsOf(requirement: Requirement): readonly Permission[] {
  if (requirement === 'any') return []
  if (typeof requirement === 'string') return [requirement]
  return 'allOf' in requirement ? requirement.allOf : requirement.anyOf
}
