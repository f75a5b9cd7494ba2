import { storedFields, type StoredField } from '#libs/contracts'

/** The column of a member of a deployment. */
export interface FieldColumn {
  name: string
  type: 'text' | 'uuid' | 'timestamptz' | 'boolean' | 'json'
  /** Whether a value can be so long that pages of records are bounded by its size. */
  large?: true
}

/** The column of each member that events tell. */
export const fieldColumns = {
  id: { name: 'deployment_id', type: 'uuid' },
  application: { name: 'application', type: 'text' },
  environment: { name: 'environment', type: 'text' },
  imageTag: { name: 'image_tag', type: 'text' },
  image: { name: 'image', type: 'text' },
  gitCommit: { name: 'git_commit', type: 'text' },
  gitBranch: { name: 'git_branch', type: 'text' },
  status: { name: 'status', type: 'text' },
  deployedAt: { name: 'deployed_at', type: 'timestamptz' },
  completedAt: { name: 'completed_at', type: 'timestamptz' },
  rolledBackAt: { name: 'rolled_back_at', type: 'timestamptz' },
  rollbackReason: { name: 'rollback_reason', type: 'text' },
  rollbackOf: { name: 'rollback_of', type: 'uuid' },
  removedAt: { name: 'removed_at', type: 'timestamptz' },
  failureReason: { name: 'failure_reason', type: 'text' },
  actor: { name: 'actor', type: 'text' },
  pipeline: { name: 'pipeline', type: 'json' },
  commits: { name: 'commits', type: 'json', large: true },
  notes: { name: 'notes', type: 'text', large: true },
  migrations: { name: 'migrations', type: 'json', large: true },
  unplanned: { name: 'unplanned', type: 'boolean' },
  labels: { name: 'labels', type: 'json', large: true },
  duringFreeze: { name: 'during_freeze', type: 'text' },
} as const satisfies Record<StoredField, FieldColumn>

export const columnOf = (field: StoredField): FieldColumn => fieldColumns[field]

/** SQL: arguments of json_build_object: members of `alias` by name, those that events tell, each as in an event. */
export function eventMembers(alias: string): string {
  const valueIn = ({ name, type }: FieldColumn) =>
    type === 'timestamptz' ? `instant(${alias}.${name})` : `${alias}.${name}`
  return storedFields.map(field => `'${field}', ${valueIn(columnOf(field))}`).join(', ')
}
