package handlers

// Stats are numbers for the metrics. Those of the cache are 0 if it is off.
type Stats struct {
	CacheHits   uint64 // requests served from the cache
	CacheMisses uint64 // pages rendered into the cache
	CacheStale  uint64 // requests served with a stale page because the database was unavailable
	CacheBytes  uint64
	CachePages  int
	Streams     int    // open live streams
	InFlight    int    // concurrent requests
	Shed        uint64 // requests refused because of too many concurrent ones

	Buffered      int64  // bytes of bodies in memory
	BodiesRefused uint64 // requests refused because the budget was used up
	Sending       int64  // bytes of large pages being sent
	PagesRefused  uint64 // renderings refused because too many large pages were being sent
	// PagesRefusedOfClients counts renderings refused because one client exceeded its share.
	PagesRefusedOfClients uint64
	Hashing               int    // requests that hash a password, or wait to
	HashingRefused        uint64 // requests refused because of too many such ones
}

// Stats returns the current numbers. It must be called after Handler.
func (s *Server) Stats() Stats {
	cache, renderings := s.cache.Stats(), s.renderLimiter.Stats()
	hashing, hashingRefused := s.hashing.stats()
	return Stats{
		CacheHits:             cache.Hits,
		CacheMisses:           cache.Misses,
		CacheStale:            cache.Stale,
		CacheBytes:            cache.Bytes,
		CachePages:            cache.Pages,
		Streams:               s.hub.Count(),
		InFlight:              int(s.inFlight.count.Load()),
		Shed:                  s.inFlight.refused.Load(),
		Buffered:              s.bodies.reserved.Load(),
		BodiesRefused:         s.bodies.refused.Load(),
		Sending:               renderings.Sending,
		PagesRefused:          renderings.Refused,
		PagesRefusedOfClients: renderings.RefusedClient,
		Hashing:               hashing,
		HashingRefused:        hashingRefused,
	}
}
