import { randomUUID } from 'node:crypto'
import { type DynamicModule, Module } from '@nestjs/common'
import { CommandModule } from '../../command/src/command.module.js'
import { ProjectorModule } from '../../projector/src/projector.module.js'
import { QueryModule } from '../../query/src/query.module.js'

/** Everything in one process. */
@Module({})
export class StandaloneModule {
  static register(): DynamicModule {
    // A group of its own each time: it is alone, and need not wait until Kafka has missed the one before a kill -9.
    const group = `shiplog-standalone-${randomUUID()}`
    return { module: StandaloneModule, imports: [CommandModule, ProjectorModule.register({ group }), QueryModule] }
  }
}
