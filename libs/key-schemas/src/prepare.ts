import { dereference } from '@cfworker/json-schema'
import type { Json } from '#libs/contracts'
import type { SchemaFinding } from './messages.js'
import { checked, dialect, type Form, formFinding, isObject, notes, refused } from './keywords.js'
import { patternFinding } from './linear-regexp.js'
import { excerpt, pointerTo } from './text.js'

/** A schema with only those keywords that the interpreter knows. */
export type Interpreted = boolean | { [keyword: string]: unknown }

/** Limit of the nesting of a schema: preparing and interpreting recurse as deep. */
const DEEPEST = 64

/** Limit of the findings of one schema. */
const MOST_FINDINGS = 20

/** A schema that can be interpreted, or its errors. */
export type Prepared = { schema: Interpreted; lookup: ReturnType<typeof dereference> } | { findings: SchemaFinding[] }

/**
 * Prepares a tenant's schema for the interpreter. Everything that the interpreter would handle differently from JSON Schema 2020-12 is an
 * error. Unknown keywords and `format` are removed, as annotations; unknown keywords that begin with `$` are errors.
 */
export function prepare(schema: Json): Prepared {
  const preparation = new Preparation()
  const interpreted = preparation.visit(schema, [])
  if (preparation.findings.length > 0) return { findings: preparation.findings }
  const lookup = dereference(interpreted)
  const lost = preparation.references.filter(({ node }) => lookup[String(node['__absolute_ref__'])] === undefined)
  if (lost.length === 0) return { schema: interpreted, lookup }
  return {
    findings: lost.slice(0, MOST_FINDINGS).map(({ path, node }) => ({
      pointer: pointerTo(path),
      detail: `refers to ${excerpt(node['$ref'])}, which is not a schema`,
    })),
  }
}

class Preparation {
  readonly findings: SchemaFinding[] = []
  readonly references: { path: string[]; node: { [keyword: string]: unknown } }[] = []
  private readonly anchors = new Set<string>()

  visit(schema: Json, path: string[]): Interpreted {
    if (typeof schema === 'boolean') return schema
    if (!isObject(schema)) {
      const hint = path.at(-1) === 'items' && Array.isArray(schema) ? ', write prefixItems' : ''
      return this.find(path, `must be an object, true or false${hint}`)
    }
    if (path.length > DEEPEST) return this.find(path, `is nested deeper than ${DEEPEST} levels`)
    const node: { [keyword: string]: unknown } = {}
    for (const [keyword, value] of Object.entries(schema)) {
      if (this.findings.length >= MOST_FINDINGS) break
      const form = checked.get(keyword)
      if (form) node[keyword] = this.take(form, value, [...path, keyword], node)
      else this.checkNote(keyword, value, [...path, keyword])
    }
    return node
  }

  private take(form: Form, value: Json, path: string[], node: { [keyword: string]: unknown }): unknown {
    const finding = formFinding(form, value)
    if (finding !== undefined) return this.find(path, finding)
    switch (form) {
      case 'schema':
        return this.visit(value, path)
      case 'schemas':
        if (!Array.isArray(value) || value.length === 0) return this.find(path, 'must be a non-empty array of schemas')
        return value.map((each, index) => this.visit(each, [...path, String(index)]))
      case 'schemas by name':
      case 'schemas by pattern':
        return this.byName(form, value, path)
      case 'pattern':
        return this.pattern(value, path)
      case 'reference':
        this.references.push({ path, node })
        return value
      case 'anchor':
        if (this.anchors.has(value as string)) return this.find(path, 'is used twice: anchors must be unique')
        this.anchors.add(value as string)
        return value
      default:
        return value
    }
  }

  private byName(form: Form, value: Json, path: string[]): unknown {
    if (!isObject(value)) return this.find(path, 'must be an object of schemas')
    const schemas = Object.entries(value).map(([name, schema]): [string, Interpreted] => {
      if (name === '__proto__') this.find([...path, name], 'is not allowed as a name')
      if (form === 'schemas by pattern') this.pattern(name, [...path, name])
      return [name, this.visit(schema, [...path, name])]
    })
    return Object.fromEntries(schemas)
  }

  private pattern(value: Json, path: string[]): unknown {
    if (typeof value !== 'string') return this.find(path, 'must be a regular expression')
    const finding = patternFinding(value)
    return finding === undefined ? value : this.find(path, excerpt(finding))
  }

  private checkNote(keyword: string, value: Json, path: string[]): void {
    const instead = refused.get(keyword)
    if (instead !== undefined) {
      this.find(path, `is not supported: ${instead}`)
    } else if (keyword.startsWith('$') && !notes.has(keyword)) {
      this.find(path, 'is not a keyword of JSON Schema 2020-12')
    } else if (keyword === '$schema' && value !== dialect && value !== `${dialect}#`) {
      this.find(path, `must be ${dialect}, not ${excerpt(value)}`)
    } else if (keyword === '$id' && path.length > 1) {
      this.find(path, 'is only allowed at the root: refer to a subschema by its location')
    }
  }

  private find(path: string[], detail: string): false {
    if (this.findings.length < MOST_FINDINGS) this.findings.push({ pointer: pointerTo(path), detail })
    return false
  }
}
