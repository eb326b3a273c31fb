package notify

// Store is the storage of the whole package.
type Store interface {
	DispatchStore
	OutboxStore
	PlannerStore
	ComposerStore
	ReaderStore
	AdminStore
	ModeratorStore
}
