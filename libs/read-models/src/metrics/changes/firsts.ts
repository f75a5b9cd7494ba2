import type { Relations, Touch, Contribution } from './relations.js'
import { shasOf, succeededHere, type History } from '../known/version.js'
import { orderBy, type VersionOrder } from '../known/version-order.js'

/** Lead times: from a commit to the first success that brought it. */
export class FirstBringers implements Relations {
  private readonly bringers: VersionOrder

  constructor(private readonly history: History) {
    this.bringers = orderBy('finish', history, facts => (succeededHere(facts) ? shasOf(facts) : []))
  }

  contributionsOf(version: number): Contribution[] {
    const { facts } = this.history.versions[version]!
    if (!facts.succeeded) return []
    return [...facts.commits].flatMap(([sha, committedAt]): Contribution[] =>
      this.bringers.first(sha) === version ? [['counted', facts.finish - committedAt]] : [],
    )
  }

  enter(version: number, touch?: Touch): void {
    this.change(version, 'enter', touch)
  }

  leave(version: number, touch?: Touch): void {
    this.change(version, 'leave', touch)
  }

  private change(version: number, change: 'enter' | 'leave', touch?: Touch): void {
    const shas = touch ? shasOf(this.history.versions[version]!.facts) : []
    const before = shas.map(sha => this.bringers.first(sha))
    this.bringers[change](version)
    for (const [n, sha] of shas.entries()) {
      const now = this.bringers.first(sha)
      if (now === before[n]) continue
      for (const first of [before[n], now]) if (first !== undefined) touch!(first)
    }
  }
}

/** Promotion lead times: from a tag's first success in the pipeline's first environment to its first one here. */
export class FirstArrivals implements Relations {
  private readonly here: VersionOrder
  private readonly origin: VersionOrder

  constructor(private readonly history: History) {
    this.here = orderBy('finish', history, facts => (succeededHere(facts) ? [facts.tag] : []))
    this.origin = orderBy('finish', history, facts => (facts.origin && facts.succeeded ? [facts.tag] : []))
  }

  contributionsOf(version: number): Contribution[] {
    const { versions } = this.history
    const { tag, finish } = versions[version]!.facts
    const origin = this.origin.first(tag)
    if (origin === undefined || this.here.first(tag) !== version) return []
    const begun = versions[origin]!.facts.finish
    return begun <= finish ? [['counted', finish - begun]] : []
  }

  enter(version: number, touch?: Touch): void {
    this.change(version, 'enter', touch)
  }

  leave(version: number, touch?: Touch): void {
    this.change(version, 'leave', touch)
  }

  private change(version: number, change: 'enter' | 'leave', touch?: Touch): void {
    const { tag } = this.history.versions[version]!.facts
    const before = this.here.first(tag)
    this.here[change](version)
    this.origin[change](version)
    for (const first of [before, this.here.first(tag)]) if (first !== undefined) touch?.(first)
  }
}
