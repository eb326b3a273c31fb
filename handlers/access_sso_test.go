package handlers_test

// ssoVisits are the requests of the sign-in with identity providers, on a server without any.
func ssoVisits(s scene) map[string][]visit {
	const newsroom = "/console/sign-in/with/newsroom"
	public := func(path string, status int) visit { return everybody(call{path: path, wrong: true}, status) }
	own := func(c call, status int) visit {
		c.wrong = true
		return visit{call: c, nobody: 303, stranger: status, guest: status, desk: status, chief: status}
	}
	return map[string][]visit{
		"GET /console/sign-in/with/:provider":          {public(newsroom+"?next=%2Fconsole%2Fgroups", 404)},
		"GET /console/sign-in/with/:provider/callback": {public(newsroom+"/callback?code=x&state=x", 400)},
		"POST /console/sign-in/with/:provider/logout": {everybody(call{path: newsroom + "/logout", header: asForm, wrong: true,
			body: form("logout_token", "x")}, 404)},
		"POST /console/sign-in/link": {everybody(call{path: "/console/sign-in/link", header: asForm, wrong: true,
			body: form("token", "x", "password", deskPassword)}, 400)},
		"DELETE /api/v1/moderators/:id/identity": {admins(call{path: "/api/v1/moderators/" + s.colleague + "/identity"}, 409)},
		"GET /console/account/link/:provider":    {own(call{path: "/console/account/link/newsroom"}, 404)},
		"POST /console/account/unlink":           {own(call{path: "/console/account/unlink", header: asForm, body: ""}, 303)},
		"POST /console/moderators/:id/unlink": {visit{call: call{path: "/console/moderators/" + s.colleague + "/unlink",
			header: asForm, wrong: true, body: ""}, nobody: 303, stranger: 403, guest: 404, desk: 403, chief: 303}},
	}
}
