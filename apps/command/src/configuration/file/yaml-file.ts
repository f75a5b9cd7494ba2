import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml'
import {
  FORBIDDEN_NAME,
  FORBIDDEN_NAME_DETAIL,
  type Json,
  lineAt,
  manyKeysBounds,
  memberPointer,
  textFault,
} from '#libs/contracts'
import { type FileContent, malformedFile } from './malformed-file.js'
import { parseYaml, type YamlEvents } from './yaml-events.js'
import { readPlainScalar, readTaggedScalar } from './yaml-scalar.js'

type OnName = Parameters<FileContent['visitNames']>[0]
type DocumentEvent = Extract<Event, { type: typeof EVENT_ID.DOCUMENT }>
type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>
type NodeEvent = Extract<Event, { tagStart: number }>

/** A list (`items`) or a map (`members`) that is still open. */
interface Collection {
  items?: Json[]
  members?: Record<string, Json>
  /** Index or name of the current value. */
  at: string | number
  /** A name is next (maps only). */
  expectsName: boolean
}

/**
 * Reads one YAML document by the YAML 1.2 core schema, in linear time. Rejects what JSON cannot represent or would lose: anchors,
 * aliases, merge keys, other tags, duplicate names, numbers that are not exact as a double. A name is always a string, also `1.0` or
 * `yes`.
 */
export function readYaml(file: string): FileContent {
  const parsed = parseYaml(file)
  return {
    value: new YamlReader(parsed).read(),
    visitNames: onName => void new YamlReader(parsed, onName).read(),
  }
}

class YamlReader {
  private readonly open: Collection[] = []
  private root: Json | undefined
  private documents = 0
  private values = 0
  private offset = 0
  private readonly text: string
  private readonly events: Event[]

  constructor(
    { text, events }: YamlEvents,
    private readonly onName?: OnName,
  ) {
    this.text = text
    this.events = events
  }

  /** The value of the document; `undefined`: there is no document. */
  read(): Json | undefined {
    for (const event of this.events) this.take(event)
    return this.root
  }

  private take(event: Event): void {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        return this.openDocument(event)
      case EVENT_ID.SCALAR:
        this.moveTo(event.valueStart, event)
        return this.takeScalar(event)
      case EVENT_ID.SEQUENCE:
        this.moveTo(event.start, event)
        return this.openCollection(event, '!!seq', [])
      case EVENT_ID.MAPPING:
        this.moveTo(event.start, event)
        return this.openCollection(event, '!!map', {})
      case EVENT_ID.ALIAS:
        this.moveTo(event.anchorStart)
        return this.fail('is an alias: write the value itself')
      case EVENT_ID.POP:
        this.open.pop()
        return
      default:
        return event satisfies never
    }
  }

  /** Sets the location of the next error. An empty scalar has no offset, so the previous one is kept. */
  private moveTo(start: number, { anchorStart = -1 }: Partial<NodeEvent> = {}): void {
    this.offset = Math.max(this.offset, start)
    const list = this.open.at(-1)
    if (list?.items) list.at = list.items.length
    if (anchorStart >= 0) this.fail('has an anchor: write the value itself wherever it is needed')
  }

  private openDocument({ directives }: DocumentEvent): void {
    if (++this.documents > 1) {
      this.offset += Math.max(0, this.text.slice(this.offset).search(/^---/m))
      this.fail('has a second document: send one document')
    }
    const refused = directives.find(directive => directive.kind === 'tag' || directive.version !== '1.2')
    if (!refused) return
    this.offset = this.text.search(refused.kind === 'tag' ? /^%TAG/m : /^%YAML/m)
    this.fail(
      refused.kind === 'tag'
        ? 'has a %TAG directive: remove it'
        : 'has a %YAML directive with a version other than 1.2: remove it',
    )
  }

  private takeScalar(event: ScalarEvent): void {
    const text = getScalarValue(this.text, event)
    const isPlain = event.style === SCALAR_STYLE.PLAIN
    const tag = this.tagOf(event)
    const map = this.open.at(-1)
    if (!map?.expectsName) return this.add(this.valueOf(text, tag ?? (isPlain ? undefined : '!!str')))
    if (tag !== undefined && tag !== '!!str' && tag !== '!')
      this.fail('has a name with a tag: names are strings, remove the tag')
    if (isPlain && text === '<<') this.fail('has a merge key: write the members themselves')
    this.takeName(map, text)
  }

  private valueOf(text: string, tag: string | undefined): Json {
    const read = tag === undefined ? readPlainScalar(text) : readTaggedScalar(tag === '!' ? '!!str' : tag, text)
    if (!read) this.fail('has a tag that the YAML 1.2 core schema does not allow here: remove it')
    if ('fault' in read) this.fail(read.fault)
    const fault = typeof read.value === 'string' ? textFault(read.value) : undefined
    return fault === undefined ? read.value : this.fail(fault)
  }

  private takeName(map: Collection, name: string): void {
    const fault = textFault(name)
    if (fault !== undefined) this.fail(`has a name that ${fault}`)
    const { offset } = this
    this.onName?.(name, this.open.length, () => lineAt(this.text, offset))
    map.at = name
    map.expectsName = false
    if (name === FORBIDDEN_NAME) this.fail(FORBIDDEN_NAME_DETAIL)
    if (Object.hasOwn(map.members!, name)) this.fail('occurs twice in its map: remove one of them')
  }

  private openCollection(event: NodeEvent, tag: string, value: Json[] | Record<string, Json>): void {
    const given = this.tagOf(event)
    if (given !== undefined && given !== tag && given !== '!')
      this.fail('has a tag that the YAML 1.2 core schema does not allow here: remove it')
    if (this.open.at(-1)?.expectsName) this.fail('has a name that is not a string: names must be strings')
    if (this.open.length >= manyKeysBounds.depth) this.fail(`is nested deeper than ${manyKeysBounds.depth} levels`)
    this.add(value)
    this.open.push(
      Array.isArray(value)
        ? { items: value, at: 0, expectsName: false }
        : { members: value, at: '', expectsName: true },
    )
  }

  private add(value: Json): void {
    if (++this.values > manyKeysBounds.values) this.fail(`has more than ${manyKeysBounds.values} values`)
    const collection = this.open.at(-1)
    if (!collection) this.root = value
    else if (collection.items) collection.items.push(value)
    else {
      collection.members![collection.at] = value
      collection.expectsName = true
    }
  }

  /** The tag of a node in its short form; `!` forces a string, list or map. */
  private tagOf({ tagStart, tagEnd }: NodeEvent): string | undefined {
    if (tagStart < 0) return undefined
    return this.text.slice(tagStart, tagEnd).replace(/^!<tag:yaml\.org,2002:(.*)>$/s, '!!$1')
  }

  private fail(detail: string): never {
    const path = this.open.at(-1)?.expectsName ? this.open.slice(0, -1) : this.open
    const pointer = path.reduce((parent, { at }) => memberPointer(parent, String(at)), '')
    throw malformedFile(detail, { pointer, line: lineAt(this.text, this.offset) })
  }
}
