package handlers

import (
	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/route"
)

// requirement is what a guard checks for one access.
type requirement struct {
	permission auth.Permission
	// allowed are the steps that moderators need not have taken yet.
	allowed []auth.RequiredStep
	console bool // needs the session of a browser instead of a token
}

var (
	anyStep   = []auth.RequiredStep{auth.StepChangePassword, auth.StepSetUpSecondFactor}
	enrolling = []auth.RequiredStep{auth.StepSetUpSecondFactor}
)

// requirements are those of all accesses but route.Public.
var requirements = map[route.Access]requirement{
	route.SignedIn:  {permission: auth.PermissionNone},
	route.Comments:  {permission: auth.PermissionComments},
	route.Read:      {permission: auth.PermissionRead},
	route.Reply:     {permission: auth.PermissionReply},
	route.Moderator: {permission: auth.PermissionModerate},
	route.Rules:     {permission: auth.PermissionRules},
	route.Admin:     {permission: auth.PermissionAdminister},
	route.Account:   {permission: auth.PermissionNone, allowed: anyStep},
	route.Enrolling: {permission: auth.PermissionNone, allowed: enrolling},

	route.ConsoleSignedIn: {permission: auth.PermissionNone, console: true},
	route.ConsoleComments: {permission: auth.PermissionComments, console: true},
	route.ConsoleRead:     {permission: auth.PermissionRead, console: true},
	route.ConsoleReply:    {permission: auth.PermissionReply, console: true},
	route.Console:         {permission: auth.PermissionModerate, console: true},
	route.ConsoleRules:    {permission: auth.PermissionRules, console: true},
	route.ConsoleAdmin:    {permission: auth.PermissionAdminister, console: true},
	route.ConsoleAccount:  {permission: auth.PermissionNone, allowed: anyStep, console: true},
	route.ConsoleEnrol:    {permission: auth.PermissionNone, allowed: enrolling, console: true},
}

// scopeFlags are the flags of routes that let server keys pass, with their scopes.
var scopeFlags = []struct {
	flag  route.Flags
	scope auth.Permission
}{
	{route.KeyArticles, auth.PermissionArticles},
	{route.KeyRead, auth.PermissionRead},
	{route.KeyModerate, auth.PermissionModerate},
	{route.KeyExport, auth.PermissionExport},
	{route.KeyRules, auth.PermissionRules},
	{route.KeyHooks, auth.PermissionHooks},
}

// keyScopes returns the scopes of a route: a server key needs one of them. A route without
// scopes refuses all keys.
func keyScopes(r route.Route) []auth.Permission {
	var scopes []auth.Permission
	for _, each := range scopeFlags {
		if r.Flags.Has(each.flag) {
			scopes = append(scopes, each.scope)
		}
	}
	return scopes
}

// guard returns the check that a client has access; nil if everyone has. It panics for an access without a
// requirement.
func (s *Server) guard(r route.Route) func(*gin.Context) error {
	if r.Access == route.Public {
		return nil
	}
	required, ok := requirements[r.Access]
	switch {
	case !ok:
		panic("no requirement for access " + string(r.Access))
	case required.console:
		return s.console.signIn.RequireSession(required.permission, required.allowed...)
	}
	return s.sessions.RequireToken(required.permission, keyScopes(r), required.allowed...)
}
