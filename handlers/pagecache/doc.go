// Package pagecache keeps pages that are the same for every reader, and serves them: compressed, with ETags,
// rendered once for all who ask at the same time, and never after their article changed. It also limits how
// many pages are rendered and sent at once. What is in a page is decided elsewhere.
//
// Start with Responder, which handlers call; Cache holds the pages, Generations says which are still right,
// and FastPath answers requests for them before the router.
package pagecache
