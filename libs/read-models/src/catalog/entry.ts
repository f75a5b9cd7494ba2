import type { Decider, DomainEvent } from '#libs/contracts'
import type { Query } from '#libs/postgres'
import type { ProjectedEvent } from '../log/projected-event.js'

type EventType = DomainEvent['type']

/** Read models that one function projects. */
export interface CatalogEntry<Type extends EventType, Model extends string> {
  /** The tables of each read model. No other entry writes them. */
  models: Record<Model, readonly string[]>
  /** The events that it is given. */
  handles: readonly Type[]
  /** Deciders whose states the tables store: everything is projected again when one of their `stateVersion` changes. */
  stores?: readonly Pick<Decider<unknown, unknown, unknown>, 'category' | 'stateVersion'>[]
  /** Applies events of these types, those of each partition in order, inside the caller's transaction. */
  apply(query: Query, events: readonly ProjectedEvent<Extract<DomainEvent, { type: Type }>>[]): Promise<void>
}

/** An entry as the catalogue holds it: it picks the events that it handles out of a batch. */
export interface AnyEntry<Type extends EventType, Model extends string> extends Pick<
  CatalogEntry<Type, Model>,
  'models' | 'handles'
> {
  stores: NonNullable<CatalogEntry<Type, Model>['stores']>
  applyHandled(query: Query, events: readonly ProjectedEvent[]): Promise<void>
}

/** Makes an entry; `apply` is type-checked against what it handles. */
export function entry<const Type extends EventType, const Model extends string>({
  models,
  handles,
  stores = [],
  apply,
}: CatalogEntry<Type, Model>): AnyEntry<Type, Model> {
  const types = new Set<string>(handles)
  const isHandled = (
    projected: ProjectedEvent,
  ): projected is ProjectedEvent & ProjectedEvent<Extract<DomainEvent, { type: Type }>> =>
    types.has(projected.event.type)
  return {
    models,
    handles,
    stores,
    async applyHandled(query, events) {
      const handled = events.filter(isHandled)
      if (handled.length > 0) await apply(query, handled)
    },
  }
}
