package handlers_test

import "strings"

// accountCases are the requests about moderators' own accounts. Requests that would end the caller's session
// or need a code are refused for a reason that only callers with access are told.
func accountCases(s targets) map[string][]routeCase {
	own := func(c call, status int) routeCase {
		return routeCase{call: c, nobody: 401, otherModerator: status, otherAdmin: status, moderator: status, admin: status}
	}
	anyAdmin := func(c call) routeCase {
		return routeCase{call: c, nobody: 401, otherModerator: 403, otherAdmin: 200, moderator: 403, admin: 200}
	}
	me, colleague := "/api/v1/me", "/api/v1/moderators/"+s.colleague
	nobodys := "/01957000-0000-7000-8000-00000000ffff"
	wrong := fields{"password": "not the password", "code": "000000"}
	return map[string][]routeCase{
		"POST /api/v1/auth/second-factor": {publicCase(call{path: "/api/v1/auth/second-factor", wrong: true,
			body: fields{"token": "x", "code": "000000"}}, 401)},
		"POST /api/v1/auth/links/look-up": {publicCase(call{path: "/api/v1/auth/links/look-up",
			body: fields{"secret": strings.Repeat("a", 43)}}, 404)},
		"POST /api/v1/auth/links/accept": {publicCase(call{path: "/api/v1/auth/links/accept",
			body: fields{"secret": strings.Repeat("a", 43), "password": moderatorPassword}}, 404)},
		"PUT /api/v1/me/language": {own(call{path: me + "/language", body: fields{"language": "de"}}, 204)},
		"POST /api/v1/me/password": {own(call{path: me + "/password",
			body: fields{"current_password": "not the password", "new_password": "a new one, and long"}}, 422)},
		"POST /api/v1/me/email": {own(call{path: me + "/email",
			body: fields{"password": moderatorPassword, "email": "nowhere"}}, 422)},
		"GET /api/v1/me/sessions":               {own(call{path: me + "/sessions"}, 200)},
		"DELETE /api/v1/me/sessions":            {own(call{path: me + "/sessions"}, 200)},
		"DELETE /api/v1/me/sessions/:id":        {own(call{path: me + "/sessions" + nobodys}, 404)},
		"GET /api/v1/me/sign-ins":               {own(call{path: me + "/sign-ins"}, 200)},
		"POST /api/v1/me/second-factor":         {own(call{path: me + "/second-factor", body: fields{"password": "not it"}}, 422)},
		"POST /api/v1/me/second-factor/confirm": {own(call{path: me + "/second-factor/confirm", body: fields{"code": "000000"}}, 409)},
		"POST /api/v1/me/second-factor/disable": {own(call{path: me + "/second-factor/disable", body: wrong}, 422)},
		"GET /api/v1/moderators":                {anyAdmin(call{path: "/api/v1/moderators"})},
		"POST /api/v1/moderators": {routeCase{call: call{path: "/api/v1/moderators", body: fields{"email": "new-" + s.name + "@desk.example",
			"name": "New", "role": "admin", "sites": []string{"paper"}}}, nobody: 401, otherModerator: 403, otherAdmin: 422, moderator: 403, admin: 201}},
		"PATCH /api/v1/moderators/:id":     {adminCase(call{path: colleague, body: fields{"name": "Renamed", "disabled": false}}, 200)},
		"POST /api/v1/moderators/:id/link": {adminCase(call{path: colleague + "/link"}, 201)},
		"DELETE /api/v1/moderators/:id/link": {adminCase(call{path: colleague + "/link"}, 204),
			adminCase(call{path: "/api/v1/moderators" + nobodys + "/link"}, 404)},
		"DELETE /api/v1/moderators/:id/second-factor": {adminCase(call{path: colleague + "/second-factor"}, 409)},
		"POST /api/v1/subjects/export": {adminCase(call{path: "/api/v1/subjects/export",
			body: fields{"email": "nobody@mail.example", "site": "paper"}}, 404)},
		"POST /api/v1/subjects/erasure": {adminCase(call{path: "/api/v1/subjects/erasure",
			body: fields{"email": "nobody@mail.example", "site": "paper"}}, 404)},
		"GET /api/v1/sites/:site/retention": {adminCase(call{path: "/api/v1/sites/paper/retention"}, 200)},
		"GET /api/v1/keys":                  {anyAdmin(call{path: "/api/v1/keys"})},
		"POST /api/v1/keys": {routeCase{call: call{path: "/api/v1/keys", body: fields{"name": "cms", "scopes": []string{"articles"},
			"sites": []string{"paper"}}}, nobody: 401, otherModerator: 403, otherAdmin: 422, moderator: 403, admin: 201}},
		"POST /api/v1/keys/:id/rotate":    {adminCase(call{path: "/api/v1/keys/" + s.key + "/rotate", body: fields{"overlap_minutes": 5}}, 200)},
		"POST /api/v1/keys/:id/revoke":    {adminCase(call{path: "/api/v1/keys/" + s.key + "/revoke"}, 200)},
		"GET /api/v1/sites/:site/imports": {adminCase(call{path: "/api/v1/sites/paper/imports"}, 200)},
		"POST /api/v1/sites/:site/imports": {adminCase(call{path: "/api/v1/sites/paper/imports?dry_run=true&format=csv",
			header: map[string]string{"Content-Type": "application/octet-stream"},
			body:   "url,name,text\nhttps://paper.example/a,Ann,Hello\n"}, 200)},
		"GET /api/v1/sites/:site/imports/:id":       {adminCase(call{path: "/api/v1/sites/paper/imports" + nobodys}, 404)},
		"POST /api/v1/sites/:site/imports/:id/undo": {adminCase(call{path: "/api/v1/sites/paper/imports" + nobodys + "/undo"}, 404)},
		"GET /api/v1/sites/:site/export":            {adminCase(call{path: "/api/v1/sites/paper/export?article=quay"}, 200)},
		"GET /api/v1/audit": {anyAdmin(call{path: "/api/v1/audit?limit=3"}), adminCase(call{path: "/api/v1/audit?site=paper"}, 200),
			anyAdmin(call{path: "/api/v1/audit?action=sign_in&since=2026-01-01T00:00:00Z&moderator=" + s.colleague})},
	}
}
