// Package cors decides which origins may use the API, and responds to preflight requests.
package cors
