// Package sitedata serves the pages of the console and the API endpoints about the data that a site keeps: what it
// deletes once it is old, and what it stores about a person who asks for it.
//
// Imports and exports of whole sites are in packages console and api.
//
// Start with sitedata.go.
package sitedata
