// Package schedule says which moderation mode applies at a time: opening hours, outside of which comments are
// closed or held, and a mode that ends at a given time. It knows neither sites nor articles; package moderation
// combines the schedules of both.
//
// Start with Schedule.
package schedule
