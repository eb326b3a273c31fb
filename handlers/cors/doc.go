// Package cors allows the pages of sites to use the API across origins.
package cors
