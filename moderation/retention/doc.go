// Package retention deletes what is older than a site's settings permit: rejected comments and spam, and what
// identifies commenters who wrote nothing for years. The settings are moderation.RetentionSettings.
//
// What every site deletes, such as addresses, is in package moderation (Janitor).
package retention
