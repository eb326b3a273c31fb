// Package session authenticates moderators: by access token in the API, by cookies in the console.
package session
