import type {
  CheckedContent,
  CheckedEntry,
  PatternSchema,
  PromotedKey,
  PromotionFinding,
  ValueFindings,
} from '#libs/contracts'
import type { PromotionRules } from './pipeline.js'
import { error, warning } from './promotion-content.js'

/** Findings that a validation keeps, and bytes of their JSON: they are in an event, and in every answer about the promotion. */
const MOST_FINDINGS = { count: 1000, bytes: 256 * 1024 }

/** Which values are to be checked by which schemas: those that a promotion would write. */
export function valueCheck(
  content: readonly PromotedKey[],
  { keySchemas }: Pick<PromotionRules, 'keySchemas'>,
): { schemas: PatternSchema[]; entries: CheckedEntry[] } {
  const schemas = Object.entries(keySchemas).map(([pattern, schema]) => ({ pattern, schema }))
  const entries = content.flatMap(({ kind, key, source }): CheckedEntry[] => {
    if (kind !== 'configuration' || !source) return []
    return [source.sealed ? { key, secret: true } : { key, value: source.value }]
  })
  return { schemas, entries }
}

/** Adds what the schemas of keys have against the content of a promotion, and keeps as many findings as there is room for. */
export function withValueFindings(
  { content, contentHash, findings }: CheckedContent,
  { schemas, entries }: ReturnType<typeof valueCheck>,
  found: ValueFindings,
): CheckedContent {
  const ofValues = found.findings.map((finding): PromotionFinding => {
    const { pattern } = schemas[finding.schema]!
    switch (finding.kind) {
      case 'secret':
        return warning(
          `is a secret: its value is not held against the schema of ${pattern}`,
          entries[finding.entry]!.key,
        )
      case 'misfit': {
        const place = finding.pointer && `${finding.pointer} `
        return error(`${place}${finding.detail}, says the schema of ${pattern}`, entries[finding.entry]!.key)
      }
      case 'unusable':
        return error(`no value can be held against the schema of ${pattern}: ${finding.detail}. Put another one`)
      default:
        return finding satisfies never
    }
  })
  return { content, contentHash, findings: bounded([...findings, ...ofValues], found.more) }
}

/** The content of a promotion of which something could not be checked in the time, or with the memory, that there is for it. */
export function withCutOff(checked: CheckedContent, detail: string): CheckedContent {
  return { ...checked, findings: bounded([...checked.findings, error(detail)], 0) }
}

/** As many findings as there is room for, errors first where some are left out. @param more are left out already */
function bounded(findings: PromotionFinding[], more: number): PromotionFinding[] {
  const isError = ({ severity }: PromotionFinding) => severity === 'error'
  const ordered = [...findings.filter(isError), ...findings.filter(finding => !isError(finding))]
  let bytes = 0
  const room = ordered.findIndex((finding, index) => {
    bytes += Buffer.byteLength(JSON.stringify(finding))
    return index >= MOST_FINDINGS.count || bytes > MOST_FINDINGS.bytes
  })
  if (room < 0 && more === 0) return findings
  const kept = room < 0 ? ordered : ordered.slice(0, room)
  const left = ordered.length - kept.length + more
  return [
    ...kept,
    { severity: findings.some(isError) ? 'error' : 'warning', detail: `${left} more findings are left out` },
  ]
}
