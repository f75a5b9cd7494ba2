import { type Json, MOST_KEYS } from '#libs/contracts'
import { bodyProblem } from '#libs/http'

/** Bodies as they are sent, valid by their schemas in contracts. */
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

/** What no schema says of many keys: each is set or deleted, secrets are set, and there are not too many. Throws a 400. */
export function checkKeys({ set = {}, delete: gone = [], secrets = [] }: ManyKeys): void {
  const findings = [
    ...gone.flatMap((key, index) =>
      Object.hasOwn(set, key) ? [{ pointer: `/delete/${index}`, detail: `is in set too: ${key}` }] : [],
    ),
    ...secrets.flatMap((key, index) =>
      Object.hasOwn(set, key) ? [] : [{ pointer: `/secrets/${index}`, detail: `is not in set: ${key}` }],
    ),
  ]
  const count = Object.keys(set).length + gone.length
  if (count > MOST_KEYS) findings.push({ pointer: '', detail: `has ${count} keys, more than ${MOST_KEYS}` })
  if (findings.length > 0) throw bodyProblem(findings)
}
