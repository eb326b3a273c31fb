package auth

import "slices"

// Permission is what a route requires. A moderator has those of the role, a server key those of its scopes.
type Permission string

// Permissions. Every principal has the first. The others are independent: PermissionModerate does not include
// PermissionRead.
const (
	PermissionNone       Permission = ""
	PermissionComments   Permission = "comments"   // see comments and articles; without PermissionRead, one's own
	PermissionRead       Permission = "read"       // see all comments and articles, rules and statistics
	PermissionReply      Permission = "reply"      // answer comments in public, with the badge
	PermissionModerate   Permission = "moderate"   // decide, block, note and claim
	PermissionRules      Permission = "rules"      // edit, backtest and activate rules
	PermissionArticles   Permission = "articles"   // register and change articles
	PermissionExport     Permission = "export"     // export comments and decisions
	PermissionHooks      Permission = "hooks"      // administer webhooks
	PermissionAdminister Permission = "administer" // everything else: sites, moderators, keys
)

// Scopes returns the permissions that a server key can have.
func Scopes() []Permission {
	return []Permission{PermissionArticles, PermissionRead, PermissionModerate, PermissionExport, PermissionRules,
		PermissionHooks}
}

// Role is a moderator's role.
type Role string

// Roles. A writer answers readers under the articles that name the account as an author, and decides nothing; a viewer
// changes nothing.
const (
	RoleAdmin     Role = "admin"
	RoleModerator Role = "moderator"
	RoleRules     Role = "rules"
	RoleWriter    Role = "writer"
	RoleViewer    Role = "viewer"
)

var permissionsOf = map[Role][]Permission{
	RoleAdmin: {PermissionComments, PermissionRead, PermissionReply, PermissionModerate, PermissionRules,
		PermissionArticles, PermissionExport, PermissionHooks, PermissionAdminister},
	RoleModerator: {PermissionComments, PermissionRead, PermissionReply, PermissionModerate},
	RoleRules:     {PermissionComments, PermissionRead, PermissionRules},
	RoleWriter:    {PermissionComments, PermissionReply},
	RoleViewer:    {PermissionComments, PermissionRead},
}

// Roles returns all roles, those with the most permissions first.
func Roles() []Role { return []Role{RoleAdmin, RoleModerator, RoleRules, RoleWriter, RoleViewer} }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return permissionsOf[r] != nil }

// May reports whether role r has the permission. Unknown roles have none, not even PermissionNone.
func (r Role) May(need Permission) bool {
	return r.Valid() && (need == PermissionNone || slices.Contains(permissionsOf[r], need))
}

// May reports whether the moderator or the server key has the permission.
func (i Identity) May(need Permission) bool {
	if i.IsKey() {
		return need == PermissionNone || slices.Contains(i.Scopes, need)
	}
	return i.Role.May(need)
}

// Alternatives joins words, as in "a, b or c".
func Alternatives[T ~string](words []T) string {
	text := ""
	for i, word := range words {
		switch {
		case i == 0:
			text = string(word)
		case i == len(words)-1:
			text += " or " + string(word)
		default:
			text += ", " + string(word)
		}
	}
	return text
}
