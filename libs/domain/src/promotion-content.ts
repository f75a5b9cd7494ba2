import {
  configurationId,
  hashJson,
  resolveEnvironment,
  type ConfigurationEntry,
  type ConfigurationKind,
  type KeySelection,
  type Pipeline,
  type PromotedKey,
  type PromotionFinding,
  type PromotionRequest,
} from '#libs/contracts'
import { entryOf, inClear, presentKeys, revisionOf, sameValue, type Configuration } from './configuration.js'
import { configurationName } from './configuration-name.js'
import { flagFindings } from './flag-rules.js'
import type { PromotionRules } from './pipeline.js'

/** Where a promotion is to move something, and what stands there. */
export interface PromotionGround {
  tenant: string
  source: Configuration
  target: Configuration
  rules: PromotionRules
}

export const error = (detail: string, key?: string): PromotionFinding => ({
  severity: 'error',
  ...(key !== undefined && { key }),
  detail,
})
export const warning = (detail: string, key?: string): PromotionFinding => ({
  ...error(detail, key),
  severity: 'warning',
})

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

/** Which globs select from which keys; none where the promotion takes everything. */
export function globSelection(
  { promotionType, keyPatterns = [] }: PromotionRequest,
  { source }: Pick<PromotionGround, 'source'>,
) {
  const globs = promotionType === 'FULL' ? [] : keyPatterns
  return { globs, keys: globs.length === 0 ? [] : presentKeys(source, 'configuration') }
}

/**
 * What a promotion is to move, and what speaks against it but for the schemas of keys.
 *
 * @param selected by the globs of `globSelection`
 */
export function contentOf(request: PromotionRequest, ground: PromotionGround, selected: KeySelection) {
  const { source, target, rules } = ground
  const selection = select(request, ground, selected)
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
  ]
  return { content, contentHash: contentHashOf(request, content), findings }
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

function select(request: PromotionRequest, { tenant, source, target, rules }: PromotionGround, selected: KeySelection) {
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
    const { globs, keys } = globSelection(request, { source })
    for (const glob of selected.unmatched.map(index => globs[index]!))
      findings.push(warning(`no key of ${request.sourceEnvironment} matches ${glob}`, glob))
    const matched = selected.keys.map(index => keys[index]!)
    choose('configuration', matched)
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
