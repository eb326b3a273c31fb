// Package sitedata serves the pages of the console and the API endpoints for a site's retention settings and
// for exporting and erasing a person's data.
//
// Imports and exports of whole sites are in packages console and api.
//
// Start with sitedata.go.
package sitedata
