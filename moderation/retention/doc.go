// Package retention deletes data that is older than a site's settings permit: rejected comments and spam, and
// what identifies commenters who have written nothing for years. The settings are
// moderation.RetentionSettings.
//
// Data that is deleted on every site, such as IP addresses, belongs to package moderation (Janitor).
package retention
