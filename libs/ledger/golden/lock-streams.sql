-- lock streams

LOCK TABLE ledger.stream IN EXCLUSIVE MODE
