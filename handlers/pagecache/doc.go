// Package pagecache renders, caches and serves pages that are the same for every reader: compressed, with
// ETags, rendered once for concurrent requests, and never after their article has changed. It also limits how
// many pages are rendered and sent at the same time. It does not know what is in a page.
//
// Start with Responder, which handlers call. Cache holds the pages, Generations says whether they are
// current, and FastPath serves them before the router.
package pagecache
