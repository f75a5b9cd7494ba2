import { type Json, MOST_KEYS } from '#libs/contracts'
import { bodyProblem } from '#libs/http'

/** Request bodies, valid by their schemas in libs/contracts. */
export interface PutConfigurationBody {
  value: Json
  secret?: boolean
  description?: string
}

export interface PatchConfigurationsBody {
  set?: Record<string, Json>
  delete?: string[]
  secrets?: string[]
}

export interface PutFlagBody {
  enabled: boolean
  variants?: Json
  rules?: Json
  description?: string
}

export interface PatchFlagsBody {
  set?: Record<string, PutFlagBody>
  delete?: string[]
}

type ManyKeys = Omit<PatchConfigurationsBody, 'set'> & { set?: object }

/** Checks what the schema cannot: a key is set or deleted, not both; a secret is set; the number of keys. Throws a 400. */
export function checkKeys({ set = {}, delete: gone = [], secrets = [] }: ManyKeys): void {
  const findings = [
    ...gone.flatMap((key, index) =>
      Object.hasOwn(set, key) ? [{ pointer: `/delete/${index}`, detail: `must not be in \`set\` too: ${key}` }] : [],
    ),
    ...secrets.flatMap((key, index) =>
      Object.hasOwn(set, key) ? [] : [{ pointer: `/secrets/${index}`, detail: `must also be in \`set\`: ${key}` }],
    ),
  ]
  const count = Object.keys(set).length + gone.length
  if (count > MOST_KEYS) findings.push({ pointer: '', detail: `has ${count} keys; the limit is ${MOST_KEYS}` })
  if (findings.length > 0) throw bodyProblem(findings)
}
