// Package tester tells whether a site's embed code works, from the requests of the pages that embed it. It only
// listens: it sends no requests, and stores nothing beyond the memory of this process.
package tester
