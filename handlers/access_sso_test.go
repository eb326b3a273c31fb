package handlers_test

// ssoCases are the requests of the sign-in with identity providers, on a server without any.
func ssoCases(s targets) map[string][]routeCase {
	const newsroom = "/console/sign-in/with/newsroom"
	public := func(path string, status int) routeCase { return publicCase(call{path: path, wrong: true}, status) }
	own := func(c call, status int) routeCase {
		c.wrong = true
		return routeCase{call: c, nobody: 303, otherModerator: status, otherAdmin: status, moderator: status, admin: status}
	}
	return map[string][]routeCase{
		"GET /console/sign-in/with/:provider":          {public(newsroom+"?next=%2Fconsole%2Fgroups", 404)},
		"GET /console/sign-in/with/:provider/callback": {public(newsroom+"/callback?code=x&state=x", 400)},
		"POST /console/sign-in/with/:provider/logout": {publicCase(call{path: newsroom + "/logout", header: asForm, wrong: true,
			body: form("logout_token", "x")}, 404)},
		"POST /console/sign-in/link": {publicCase(call{path: "/console/sign-in/link", header: asForm, wrong: true,
			body: form("token", "x", "password", moderatorPassword)}, 400)},
		"DELETE /api/v1/moderators/:id/identity": {adminCase(call{path: "/api/v1/moderators/" + s.colleague + "/identity"}, 409)},
		"GET /console/account/link/:provider":    {own(call{path: "/console/account/link/newsroom"}, 404)},
		"POST /console/account/unlink":           {own(call{path: "/console/account/unlink", header: asForm, body: ""}, 303)},
		"POST /console/moderators/:id/unlink": {routeCase{call: call{path: "/console/moderators/" + s.colleague + "/unlink",
			header: asForm, wrong: true, body: ""}, nobody: 303, otherModerator: 403, otherAdmin: 404, moderator: 403, admin: 303}},
	}
}
