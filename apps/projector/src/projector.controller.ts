import { Controller } from '@nestjs/common'
import { EventPattern, Payload } from '@nestjs/microservices'
import type { LogBatch } from '#libs/event-log'
import { LogConsumer } from '#libs/log-consumer'
import type { ProjectedEvent } from '#libs/read-models'
import { LOG_BATCH } from './log-transport.js'

/** Receives the log, batch by batch. */
@Controller()
export class ProjectorController {
  constructor(private readonly consumer: LogConsumer<ProjectedEvent>) {}

  @EventPattern<string>(LOG_BATCH)
  handleBatch(@Payload() batch: LogBatch): Promise<void> {
    return this.consumer.handle(batch)
  }
}
