import {
  compileKeySchema,
  configurationId,
  EndlessSchema,
  hashJson,
  resolveEnvironment,
  type ConfigurationEntry,
  type ConfigurationKind,
  type Json,
  type Pipeline,
  type PromotedKey,
  type PromotionFinding,
  type PromotionRequest,
} from '#libs/contracts'
import { entryOf, inClear, presentKeys, revisionOf, sameValue, type Configuration } from './configuration.js'
import { configurationName } from './configuration-name.js'
import { flagFindings } from './flag-rules.js'
import { globMatcher } from './glob.js'
import type { PromotionRules } from './pipeline.js'

/** Where a promotion is to move something, and what stands there. */
export interface PromotionGround {
  tenant: string
  source: Configuration
  target: Configuration
  rules: PromotionRules
}

const error = (detail: string, key?: string): PromotionFinding => ({
  severity: 'error',
  ...(key !== undefined && { key }),
  detail,
})
const warning = (detail: string, key?: string): PromotionFinding => ({ ...error(detail, key), severity: 'warning' })

/** What the pipeline, as it is now, has against a promotion. */
export function pipelineFindings({ sourceEnvironment, targetEnvironment }: PromotionRequest, pipeline: Pipeline) {
  const names = pipeline.environments.map(({ name }) => name)
  const from = names.indexOf(resolveEnvironment(pipeline, sourceEnvironment))
  const to = names.indexOf(resolveEnvironment(pipeline, targetEnvironment))
  const outside = [
    ...(from < 0 ? [sourceEnvironment] : []),
    ...(to < 0 && targetEnvironment !== sourceEnvironment ? [targetEnvironment] : []),
  ].map(name => error(`${name} is not in the pipeline, which goes ${names.join(' -> ')}`))
  if (outside.length > 0) return outside
  if (from === to) return [error(`source and target are the same environment, ${names[to]}`)]
  if (from > to)
    return [error(`${names[from]} -> ${names[to]} goes backwards: the pipeline goes ${names.join(' -> ')}`)]
  if (to - from > 1 && !pipeline.allowSkipping)
    return [
      error(
        `${names[from]} -> ${names[to]} skips ${names.slice(from + 1, to).join(', ')}, which this pipeline does not allow`,
      ),
    ]
  return []
}

/** Selects what a promotion is to move, and finds what speaks against it. */
export function validateContent(request: PromotionRequest, ground: PromotionGround) {
  const { source, target, rules } = ground
  const selection = select(request, ground)
  const content = selection.keys
    .map(([kind, key]): PromotedKey => {
      const from = entryOf(source, kind, key)
      const to = entryOf(target, kind, key)
      const targetRevision = revisionOf(target, kind, key)
      return { kind, key, ...(from && { source: from }), ...(to && { target: to }), targetRevision }
    })
    .filter(({ source, target }) => !sameValue(source, target))
  const nothing = selection.keys.length > 0 && content.length === 0 && !request.image
  const findings = [
    ...pipelineFindings(request, rules.pipeline),
    ...selection.findings,
    ...(nothing ? [warning('everything selected is the same in both environments: executing changes nothing')] : []),
    ...content.flatMap(deletionFindings),
    ...content.flatMap(key => disclosureFindings(key, target)),
    ...content.flatMap(flagRuleFindings),
    ...Object.entries(rules.keySchemas).flatMap(([pattern, schema]) => schemaFindings(content, pattern, schema)),
  ]
  return { content, findings, contentHash: contentHashOf(request, content) }
}

/**
 * Selection hash: what an approval binds to. Secrets take part by their keyed hash, so that the same value sealed
 * again is the same content.
 */
function contentHashOf({ image, ...request }: PromotionRequest, content: PromotedKey[]): string {
  const hashable = (entry: ConfigurationEntry | undefined) =>
    entry?.sealed ? { ...entry, sealed: entry.sealed.hash } : (entry ?? null)
  return hashJson({
    source: request.sourceEnvironment,
    target: request.targetEnvironment,
    image: image ?? null,
    keys: content.map(({ kind, key, source, target, targetRevision }) => {
      return [kind, key, hashable(source), hashable(target), targetRevision]
    }),
  })
}

type Selected = [ConfigurationKind, string]

function select(request: PromotionRequest, { tenant, source, target, rules }: PromotionGround) {
  const { promotionType, configIds = [], flagIds = [], keyPatterns = [], deleteRemoved, image } = request
  const keysOf = (kind: ConfigurationKind) => presentKeys(source, kind)
  const findings: PromotionFinding[] = []
  const chosen = new Map<string, Selected>()
  const choose = (kind: ConfigurationKind, keys: string[]) =>
    keys.forEach(key => chosen.set(JSON.stringify([kind, key]), [kind, key]))
  const environment = configurationName(rules, request.sourceEnvironment)
  const byIds = (kind: ConfigurationKind, ids: string[]) => {
    if (ids.length === 0) return
    const keys = new Map(keysOf(kind).map(key => [configurationId(tenant, environment, kind, key), key]))
    for (const id of ids) {
      const key = keys.get(id.toLowerCase())
      if (key === undefined) findings.push(error(`there is no ${kind} ${id} in ${request.sourceEnvironment}`, id))
      else choose(kind, [key])
    }
  }
  if (promotionType === 'FULL') {
    if (configIds.length + flagIds.length + keyPatterns.length > 0)
      findings.push(warning('FULL takes everything, whatever configIds, flagIds and keyPatterns select'))
    for (const kind of ['configuration', 'flag'] as const) {
      choose(kind, keysOf(kind))
      if (deleteRemoved) choose(kind, presentKeys(target, kind))
    }
  } else {
    byIds('configuration', configIds)
    byIds('flag', flagIds)
    for (const pattern of keyPatterns) {
      const keys = keysOf('configuration').filter(globMatcher(pattern))
      if (keys.length === 0)
        findings.push(warning(`no key of ${request.sourceEnvironment} matches ${pattern}`, pattern))
      choose('configuration', keys)
    }
  }
  if (chosen.size === 0 && !image) findings.push(error('the selection is empty: there is nothing to promote'))
  return { keys: [...chosen.values()].toSorted(byKindAndKey), findings }
}

function byKindAndKey([kindA, keyA]: Selected, [kindB, keyB]: Selected): number {
  if (kindA !== kindB) return kindA < kindB ? -1 : 1
  return keyA < keyB ? -1 : 1
}

function deletionFindings({ key, source }: PromotedKey): PromotionFinding[] {
  return source ? [] : [warning('will be deleted in the target', key)]
}

/** A promotion carries the source's mark with its value: who approves it is told, and what the log has of it in clear. */
function disclosureFindings({ kind, key, source, target }: PromotedKey, into: Configuration): PromotionFinding[] {
  if (source?.sealed && !target?.sealed && inClear(into, kind, key))
    return [warning('becomes a secret in the target, and the log keeps what it was there in clear: rotate it', key)]
  if (!target?.sealed || !source || source.sealed) return []
  return [warning('is a secret in the target and none in the source: what is promoted will be readable there', key)]
}

function flagRuleFindings({ kind, key, source }: PromotedKey): PromotionFinding[] {
  return kind === 'flag' && source ? flagFindings(source.value).map(detail => error(detail, key)) : []
}

/** Holds all values that a schema is for against it at once: what runs for ever is then stopped once. */
function schemaFindings(content: PromotedKey[], pattern: string, schema: Json): PromotionFinding[] {
  const matches = globMatcher(pattern)
  const held = content.flatMap(({ kind, key, source }) =>
    kind === 'configuration' && source && matches(key) ? [{ key, source }] : [],
  )
  const secrets = held.filter(({ source }) => source.sealed)
  const open = held.flatMap(({ key, source }) => (source.sealed ? [] : [{ key, value: source.value }]))
  return [
    ...secrets.map(({ key }) => warning(`is a secret: its value is not held against the schema of ${pattern}`, key)),
    ...(open.length > 0 ? misfits(open, pattern, schema) : []),
  ]
}

function misfits(held: { key: string; value: Json }[], pattern: string, schema: Json): PromotionFinding[] {
  try {
    const found = compileKeySchema(schema)(held.map(({ value }) => value))
    return held.flatMap(({ key }, index) =>
      found[index]!.map(({ pointer, detail }) =>
        error(`${pointer}${pointer && ' '}${detail}, says the schema of ${pattern}`, key),
      ),
    )
  } catch (endless) {
    if (!(endless instanceof EndlessSchema)) throw endless
    return [error(`the schema of ${pattern} ${endless.message}: put another one`)]
  }
}
