package handlers

// Stats are numbers for metrics. Those of the cache are 0 when it is off.
type Stats struct {
	CacheHits   uint64 // requests answered with a kept page
	CacheMisses uint64 // pages rendered for keeping
	CacheStale  uint64 // requests answered with a kept page because the database could not be asked
	CacheBytes  uint64
	CachePages  int
	Streams     int    // open live streams
	InFlight    int    // requests that are being worked on
	Shed        uint64 // requests refused because too many were

	Buffered      int64  // bytes of bodies in memory
	BodiesRefused uint64 // requests refused because the budget was used up
	Sending       int64  // bytes of large pages being sent
	PagesRefused  uint64 // requests for pages to render, refused because too many large ones were being sent
	// PagesRefusedOfClients counts those that were refused because one client exceeded its share.
	PagesRefusedOfClients uint64
	Hashing               int    // requests that hash a password, or wait to
	HashingRefused        uint64 // requests refused because too many did
}

// Stats returns the numbers now. It is called after Handler.
func (s *Server) Stats() Stats {
	stats := Stats{Streams: s.hub.Count(), InFlight: int(s.load.inFlight.Load()), Shed: s.load.shed.Load()}
	stats.Buffered, stats.BodiesRefused = s.bodies.held.Load(), s.bodies.refused.Load()
	pages := s.renderLimiter.Counts()
	stats.Sending, stats.PagesRefused, stats.PagesRefusedOfClients = pages.Sending, pages.Refused, pages.RefusedClient
	stats.Hashing, stats.HashingRefused = s.load.hashRoom.counts()
	if p := s.pages; p != nil {
		stats.CacheHits, stats.CacheMisses = p.Hits.Load(), p.Misses.Load()
		stats.CacheStale = p.Stale.Load()
		stats.CacheBytes, stats.CachePages = p.Pages.WeightedSize(), p.Pages.EstimatedSize()
	}
	return stats
}
